import type { SlotsView } from '../../sync/engine/slots.ts'

/** The binding of the gates' Durable Objects, as the doors use it: they only look. */
export interface GateNamespace {
  getByName(name: string): { look(kind: string): Promise<SlotsView> }
}
