import { signal } from '@preact/signals'

/** What screen readers are told, politely. */
export const announced = signal('')

export function announce(text: string): void {
  // The same text twice would not be a change.
  announced.value = announced.peek() === text ? `${text}\u00a0` : text
}
