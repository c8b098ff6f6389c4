import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Problem } from '../../../sync/protocol/common.ts'
import { announce } from '../data/announce.ts'
import { makeCode, type PairingCode } from '../data/api.ts'
import { isAdmin, session } from '../data/session.ts'
import { Heading } from '../parts/heading.tsx'
import { Empty, Facts, Notice } from '../parts/notice.tsx'
import { Qr } from '../parts/qr.tsx'
import { Ago, now } from '../parts/time.tsx'
import '../style/pair.css'

/** A code for a phone: scanned, it opens the review page there. */
export function PairPhone() {
  return (
    <Pairing
      title="Pair a phone"
      lead="The phone keeps the listings that wait for a review, works without a network, and sends what was answered."
      name="Phone"
    >
      {(code) => <PhoneSteps code={code} />}
    </Pairing>
  )
}

/** A code for a laptop: the command that takes it, to be copied. */
export function PairLaptop() {
  return (
    <Pairing
      title="Pair a laptop"
      lead="The laptop keeps a table of a SQLite file in sync, whatever program writes it."
    >
      {(code) => <LaptopSteps code={code} />}
    </Pairing>
  )
}

/** Asks whose the device is, makes a code, and shows what to do with it while it lives. */
function Pairing(props: {
  title: string
  lead: string
  /** What the device is called where nothing else is typed; absent: it says so itself */
  name?: string
  children: (code: PairingCode) => ComponentChildren
}) {
  const { title, lead, name } = props
  const [code, setCode] = useState<PairingCode | null>(null)
  return (
    <>
      <div class="title-row">
        <Heading title={title} />
      </div>
      <p class="lead">{lead}</p>
      {!isAdmin.value ? (
        <Empty icon="person" title="An admin makes pairing codes">
          <p>
            Ask one for a link. On this device you are signed in already:{' '}
            <a href="/review">review listings here</a>.
          </p>
        </Empty>
      ) : code ? (
        <Made code={code} onAgain={() => setCode(null)}>
          {props.children(code)}
        </Made>
      ) : (
        <Ask name={name} onMade={setCode} />
      )}
    </>
  )
}

function Ask({ name, onMade }: { name: string | undefined; onMade: (code: PairingCode) => void }) {
  const [isBusy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)
  const user = session.value.type === 'in' ? session.value.session.user : null

  async function submit(event: SubmitEvent & { currentTarget: HTMLFormElement }) {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const said = (field: string) => String(form.get(field) ?? '').trim()
    setBusy(true)
    const answer = await makeCode({ user_id: said('user'), name: said('name') || name || 'Laptop' })
    setBusy(false)
    if (!answer.ok) return setProblem(answer.problem)
    announce('The code is made')
    onMade(answer.value)
  }

  return (
    <form class="pair-ask" onSubmit={submit}>
      <label class="field">
        <span class="field-name">Whose it is</span>
        <input
          name="user"
          required
          maxLength={100}
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
          defaultValue={user ?? ''}
        />
        <small>
          The id of the person, like “ann”: the device sees this person’s rows, and no one else’s.
        </small>
      </label>
      {name && (
        <label class="field">
          <span class="field-name">What it is called</span>
          <input name="name" required maxLength={100} autocomplete="off" defaultValue={name} />
          <small>Reviews are signed with it, and it can be revoked under it.</small>
        </label>
      )}
      {problem && (
        <div role="alert" class="dialog-problem">
          <Facts problem={problem} />
        </div>
      )}
      <button type="submit" class="button is-primary is-large" disabled={isBusy}>
        {isBusy ? 'Making a code…' : 'Make a code'}
      </button>
    </form>
  )
}

function Made(props: { code: PairingCode; onAgain: () => void; children: ComponentChildren }) {
  const { code } = props
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus(), [])
  const isOver = Math.max(now.value, Date.now()) >= Date.parse(code.expires_at)
  return (
    <section class="pair" aria-labelledby="pair-title">
      <h2 id="pair-title" ref={heading} tabIndex={-1}>
        {isOver ? 'This code has expired' : 'The code is ready'}
      </h2>
      {isOver ? (
        <p>It pairs nothing any more. Make another one when the device is at hand.</p>
      ) : (
        <>
          <p>
            It works once, and expires <Ago time={code.expires_at} />.
          </p>
          {props.children}
        </>
      )}
      <button type="button" class="button" onClick={props.onAgain}>
        Make another code
      </button>
    </section>
  )
}

function PhoneSteps({ code }: { code: PairingCode }) {
  return (
    <>
      {isHereOnly(location.hostname) && (
        <Notice tone="warn" title="No phone reaches this address">
          <p>
            This page was opened as <code>{location.host}</code>, which every device takes for itself. Open it
            under this machine’s address in the network; for the demo, <code>npm start -- --host</code> prints
            it.
          </p>
        </Notice>
      )}
      <Qr text={code.url} label="QR code of the pairing link" />
      <ol class="steps">
        <li>Scan this with the phone’s camera, and open the link.</li>
        <li>
          Or open <code>{new URL('/review', code.url).href}</code> there, and type the code:
          <Code text={code.code} />
        </li>
        <li>In the browser’s menu, “Add to home screen” keeps it as an app.</li>
      </ol>
    </>
  )
}

function LaptopSteps({ code }: { code: PairingCode }) {
  return (
    <>
      <ol class="steps">
        <li>
          On the laptop, run
          <Code text={`tidemark pair ${new URL(code.url).origin} --code ${code.code}`} />
        </li>
        <li>
          Then name the file and its table, once:
          <Code text="tidemark attach FILE --table products --as listings" />
        </li>
        <li>
          <code>tidemark watch</code> keeps it in sync from then on.
        </li>
      </ol>
      <p class="quiet">Or scan this, and paste the link after “tidemark pair”.</p>
      <Qr text={code.url} label="QR code of the pairing link" />
    </>
  )
}

/** Something to be typed elsewhere, or copied where the browser lets us. */
function Code({ text }: { text: string }) {
  return (
    <span class="pair-code">
      <code>{text}</code>
      {navigator.clipboard && (
        <button
          type="button"
          class="button"
          aria-label={`Copy ${text}`}
          onClick={() =>
            navigator.clipboard.writeText(text).then(
              () => announce('Copied'),
              () => announce('The browser did not let us copy'),
            )
          }
        >
          Copy
        </button>
      )}
    </span>
  )
}

const isHereOnly = (host: string) => host === 'localhost' || host.startsWith('127.') || host === '[::1]'
