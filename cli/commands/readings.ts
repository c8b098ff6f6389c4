import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import type * as z from 'zod'
import type { ReadingsAnswer } from '../../sync/protocol/smart-sync.ts'
import { chunksOf, readingsIn, type Unreadable } from '../chunks.ts'
import { type Context, command } from '../command.ts'
import { EXIT } from '../exit.ts'
import { Refusal, refusal } from '../failure.ts'
import { count, number } from '../print.ts'
import type { Paper } from '../terminal.ts'

export const readings = command(
  (declared) =>
    declared
      .name('readings')
      .summary('hand in what parsers found')
      .description(
        'Hands in readings: a JSON array, or JSON lines, of {account_id | project_id + profile_url, metric, value, at, source}.',
      )
      .argument('<file>', 'a file, or - for stdin'),
  async (context, file: string) => {
    const { found, unreadable } = readingsIn(await contentOf(context, file))
    if (found.length === 0) throw nothingIn(file, unreadable)
    const answer = await send(context, found)
    answer.rejected.push(...unreadable)
    answer.rejected.sort((a, b) => a.index - b.index)
    context.show(answer, inWords)
    return answer.rejected.length > 0 ? EXIT.attention : EXIT.fine
  },
)

type Answer = z.infer<typeof ReadingsAnswer>
type Found = ReturnType<typeof readingsIn>['found']

/**
 * In chunks, one after the other. A key is for the repeats of one chunk, not a hash of its content: the same file handed
 * in again may find accounts that were not there before, and the server takes a key with other content for a mistake.
 */
async function send(context: Context, found: Found): Promise<Answer> {
  const client = await context.connect()
  const sum: Answer = { success: true, accepted: 0, unchanged: 0, rejected: [], timestamp: '' }
  let sent = 0
  for (const chunk of chunksOf(found)) {
    if (found.length > chunk.length)
      context.progress.say(`${number(sent)} of ${count(found.length, 'reading')} handed in`)
    const values = chunk.map(({ value }) => value)
    try {
      const { success, accepted, unchanged, rejected, timestamp } = await client.readings(
        values,
        randomUUID(),
      )
      sum.success &&= success
      sum.accepted += accepted
      sum.unchanged += unchanged
      sum.rejected.push(...rejected.map((one) => ({ ...one, index: chunk[one.index]?.index ?? one.index })))
      sum.timestamp = timestamp
    } catch (error) {
      throw sent > 0 && error instanceof Refusal ? partly(error, sent, found.length) : error
    }
    sent += chunk.length
  }
  return sum
}

/** The server speaks of one chunk; the person handed in a file. */
const partly = ({ problem }: Refusal, sent: number, all: number) =>
  new Refusal({
    ...problem,
    kept: `${number(sent)} of ${count(all, 'reading')} were handed in and stay.`,
    mend: `${problem.mend} Then run the same command again: what was handed in is recognised.`,
  })

async function contentOf({ surroundings }: Context, file: string): Promise<string> {
  if (file === '-') return text(surroundings.stdin)
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    throw refusal('unreadable', {
      title: 'The file cannot be read',
      detail: (error as Error).message,
      mend: 'Check its name and who may read it.',
    })
  }
}

const nothingIn = (file: string, unreadable: readonly Unreadable[]) =>
  refusal('no_readings', {
    title: 'No readings',
    detail: unreadable[0]
      ? `${file === '-' ? 'stdin' : file} holds no JSON: ${unreadable[0].reason}.`
      : `${file === '-' ? 'stdin' : file} is empty.`,
    kept: 'Nothing was sent.',
    mend: 'Give a JSON array, or one JSON object a line.',
  })

function inWords({ accepted, unchanged, rejected }: Answer, { paint }: Paper): string[] {
  const counts = [
    `${count(accepted, 'reading')} taken`,
    `${number(unchanged)} known already`,
    ...(rejected.length > 0 ? [paint.yellow(`${number(rejected.length)} rejected`)] : []),
  ]
  const more = rejected.length - SHOWN
  return [
    counts.join(' · '),
    ...rejected.slice(0, SHOWN).map(({ index, reason }) => `  ${paint.yellow(`#${index + 1}`)}  ${reason}`),
    ...(more > 0 ? [paint.dim(`  and ${number(more)} more; --json names them all`)] : []),
  ]
}

const SHOWN = 20
