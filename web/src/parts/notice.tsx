import type { ComponentChildren } from 'preact'
import type { Problem } from '../../../sync/protocol/common.ts'
import { Fact } from './fact.tsx'
import { Icon, type IconName } from './icons.tsx'

type Tone = 'good' | 'warn' | 'bad' | 'quiet' | 'busy'
const ICONS = {
  good: 'done',
  warn: 'degraded',
  bad: 'failed',
  quiet: 'unchanged',
  busy: 'queued',
} as const satisfies Record<Tone, IconName>

/** Something to know, in place. */
export function Notice(props: {
  tone: Tone
  title: string
  icon?: IconName
  children?: ComponentChildren
  onDismiss?: () => void
}) {
  return (
    <section class={`notice tone-${props.tone}`} aria-label={props.title}>
      <Icon name={props.icon ?? ICONS[props.tone]} />
      <div class="notice-body">
        <p class="notice-title">{props.title}</p>
        {props.children}
      </div>
      {props.onDismiss && (
        <button type="button" class="icon-button" aria-label="Dismiss" onClick={props.onDismiss}>
          <Icon name="close" />
        </button>
      )}
    </section>
  )
}

/** A failure: what happened, what was kept, what to do. */
export function Failure({
  problem,
  title,
  onRetry,
}: {
  problem: Problem
  title?: string
  onRetry?: () => void
}) {
  return (
    <div class="failure" role="alert">
      <Icon name={problem.status === 0 ? 'offline' : 'failed'} />
      <div>
        <p class="failure-title">{title ?? problem.title}</p>
        <Facts problem={problem} />
        {onRetry && (
          <button type="button" class="button" onClick={onRetry}>
            Try again
          </button>
        )}
      </div>
    </div>
  )
}

/** The three sentences of a problem. */
export function Facts({ problem }: { problem: Problem }) {
  return (
    <dl class="facts">
      <Fact term="What happened">
        {problem.detail}
        {problem.errors?.map((error) => (
          <span key={error.path} class="block">
            <code>{error.path}</code> {error.message}
          </span>
        ))}
      </Fact>
      <Fact term="What was kept">{problem.kept}</Fact>
      <Fact term="What to do">{problem.mend}</Fact>
    </dl>
  )
}

/** Nothing there, and why that is so. */
export function Empty({
  icon,
  title,
  children,
}: {
  icon: IconName
  title: string
  children?: ComponentChildren
}) {
  return (
    <div class="empty">
      <Icon name={icon} />
      <p class="empty-title">{title}</p>
      {children}
    </div>
  )
}
