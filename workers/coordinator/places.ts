import { ulid } from 'ulid'
import type { Places } from '../../sync/engine/ports.ts'
import type { Gate } from './gate.ts'

/** The kind of call that a gate with few places is asked about. */
const KIND = 'call'
/** Asked again after this when the gate itself does not answer. */
const GATE_AWAY = 500
/** One call of the gate waits inside it for so long at most, so that people are told soon what a run waits for. */
const STAY = 2_000

const WHY = {
  exclusive: 'paused while an order is made in the ERP',
  busy: 'others are in the ERP; waits for a place',
} as const

/** Places at a gate (a Durable Object), for a holder: `who` stands before each of its tickets. */
export function placesAt(gates: DurableObjectNamespace<Gate>, gate: string, who: string): Places {
  return {
    async inside(asked, onWait, work) {
      const ticket = `${who}#${ulid()}`
      const { patience, ...entry } = asked
      const until = Date.now() + patience
      for (;;) {
        const left = until - Date.now()
        const entrance = await gates
          .getByName(gate)
          .enter(KIND, { ticket, ...entry }, Math.max(0, Math.min(STAY, left)))
          .catch(() => null)
        if (entrance?.granted) {
          onWait(null)
          try {
            return await work(entrance.until)
          } finally {
            // Not waited for: a gate that can't be told ends the lease by itself.
            void gates
              .getByName(gate)
              .leave(KIND, ticket)
              .catch(() => undefined)
          }
        }
        if (left <= 0) {
          await gates
            .getByName(gate)
            .leave(KIND, ticket)
            .catch(() => undefined)
          onWait(null)
          return null
        }
        if (entrance) onWait(WHY[entrance.held])
        const pause = entrance ? entrance.at - Date.now() : GATE_AWAY
        if (pause > 0) await new Promise((resolve) => setTimeout(resolve, Math.min(pause, left)))
      }
    },
    async penalise(until) {
      await gates.getByName(gate).penalise(KIND, until)
    },
  }
}
