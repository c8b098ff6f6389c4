import { useRef, useState } from 'preact/hooks'
import type { Problem } from '../../../sync/protocol/common.ts'
import { signIn } from '../data/session.ts'
import { Heading } from '../parts/heading.tsx'
import { Mark } from '../parts/mark.tsx'
import { Failure, Notice } from '../parts/notice.tsx'

/** The way in: a token by hand. A sign-in link comes in by itself; when it fails, its problem is shown here. */
export function SignIn({ problem, ended }: { problem?: Problem; ended: boolean }) {
  const [isBusy, setBusy] = useState(false)
  const input = useRef<HTMLInputElement>(null)

  async function submit(event: Event) {
    event.preventDefault()
    const token = input.current?.value.trim() ?? ''
    if (!token) return input.current?.focus()
    setBusy(true)
    const failed = await signIn({ token })
    setBusy(false)
    if (failed) input.current?.select()
  }

  return (
    <main class="door">
      <div class="door-card">
        <Mark />
        <Heading title="Tidemark" />
        <p class="lead">One database, in step with every place where the same data is edited.</p>
        {ended && (
          <Notice tone="quiet" title="Your session has ended">
            <p>Nothing was lost. Sign in again to go on where you were.</p>
          </Notice>
        )}
        {problem && <Failure problem={problem} title="Signing in did not work" />}
        <form onSubmit={submit}>
          <label class="field">
            <span class="field-name">Token</span>
            <input
              ref={input}
              type="password"
              name="token"
              autocomplete="current-password"
              autocapitalize="none"
              spellcheck={false}
              required
            />
          </label>
          <button type="submit" class="button is-primary is-large" disabled={isBusy}>
            {isBusy ? 'Signing in…' : 'Sign in'}
          </button>
        </form>
        <p class="hint">
          Or open a sign-in link: <code>npm start</code> prints one, and any admin can make one. It works
          once.
        </p>
      </div>
    </main>
  )
}
