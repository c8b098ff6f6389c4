import { useRef, useState } from 'preact/hooks'
import { problem } from './page-state.ts'
import type { Review } from './start.ts'

/** The way in for who was never here. */
export function Door({ review }: { review: Review }) {
  return (
    <section class="panel door-panel">
      <h2>Pair this phone</h2>
      <p>Open the pairing link that an admin made for you, or type its code. A code works once.</p>
      <CodeForm review={review} />
    </section>
  )
}

export function CodeForm({ review }: { review: Review }) {
  const [isBusy, setBusy] = useState(false)
  const input = useRef<HTMLInputElement>(null)

  async function submit(event: Event) {
    event.preventDefault()
    setBusy(true)
    await review.signIn(input.current?.value.trim() ?? '')
    setBusy(false)
    if (problem.peek()) input.current?.select()
  }

  return (
    <form class="code-form" onSubmit={submit}>
      <label class="field">
        <span class="field-name">Pairing code</span>
        <input
          ref={input}
          name="code"
          placeholder="XXXXX-XXXXX"
          autocomplete="one-time-code"
          autocapitalize="characters"
          spellcheck={false}
          required
        />
      </label>
      {problem.value && (
        <p class="tone-bad" role="alert">
          {problem.value.title}. {problem.value.text}
        </p>
      )}
      <button type="submit" class="button is-primary" disabled={isBusy}>
        {isBusy ? 'Signing in…' : 'Sign in'}
      </button>
    </form>
  )
}
