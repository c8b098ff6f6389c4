/** Paths on a 16 × 16 grid, drawn with a 1.5 stroke in the colour of the text. */
const PATHS = {
  overview: 'M2.5 2.5h4.5v4.5h-4.5zM9 2.5h4.5v4.5H9zM2.5 9h4.5v4.5h-4.5zM9 9h4.5v4.5H9z',
  erp: 'M2.5 5 8 2.2 13.5 5v6L8 13.8 2.5 11zM2.5 5 8 7.8 13.5 5M8 7.8v6',
  sheet: 'M2.5 3h11v10h-11zM2.5 6.3h11M2.5 9.7h11M6.2 6.3V13',
  runs: 'M5.5 4h8M5.5 8h8M5.5 12h8M2.5 4h.01M2.5 8h.01M2.5 12h.01',
  conflict: 'M8 14V9.5C8 7 4 6.5 4 3.2M8 9.5C8 7 12 6.5 12 3.2M2.2 5 4 3l1.8 2M10.2 5 12 3l1.8 2',
  sync: 'M13.5 6.5A5.7 5.7 0 0 0 3.2 5M2.5 9.5A5.7 5.7 0 0 0 12.8 11M3 2.2V5.2h3M13 13.8v-3h-3',
  done: 'M3 8.5 6.5 12 13 4.5',
  unchanged: 'M3.5 6h9M3.5 10h9',
  degraded: 'M8 2.2 14.3 13.3H1.7zM8 6.5v3M8 11.4h.01',
  failed: 'M8 1.8a6.2 6.2 0 1 1 0 12.4A6.2 6.2 0 0 1 8 1.8M5.8 5.8l4.4 4.4M10.2 5.8l-4.4 4.4',
  queued: 'M8 1.8a6.2 6.2 0 1 1 0 12.4A6.2 6.2 0 0 1 8 1.8M8 4.5V8l2.4 1.6',
  running: 'M8 1.8A6.2 6.2 0 1 1 1.8 8',
  paused: 'M5.5 3.5v9M10.5 3.5v9',
  pin: 'M5.5 2h5M6.3 2v4L4 9.2h8L9.7 6V2M8 9.2V14',
  out: 'M6 3.5H3v9.5h9.5V10M9 2.5h4.5V7M13.5 2.5 7.5 8.5',
  up: 'M8 13V3.5M4 7.2 8 3.2l4 4',
  down: 'M8 3v9.5M4 8.8l4 4 4-4',
  both: 'M5 6.5 8 3.5l3 3M5 9.5l3 3 3-3',
  back: 'M9.8 3.5 5.2 8l4.6 4.5',
  forward: 'M6.2 3.5 10.8 8l-4.6 4.5',
  search: 'M7 2.5a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9M10.4 10.4l3.3 3.3',
  person: 'M8 2.3a2.7 2.7 0 1 1 0 5.4 2.7 2.7 0 0 1 0-5.4M2.8 13.7c.5-2.6 2.5-4 5.2-4s4.7 1.4 5.2 4',
  live: 'M8 6.7a1.3 1.3 0 1 1 0 2.6 1.3 1.3 0 0 1 0-2.6M4.8 11.2a4.5 4.5 0 0 1 0-6.4M11.2 4.8a4.5 4.5 0 0 1 0 6.4M2.7 13.3a7.5 7.5 0 0 1 0-10.6M13.3 2.7a7.5 7.5 0 0 1 0 10.6',
  polling: 'M8 1.8a6.2 6.2 0 1 1 0 12.4A6.2 6.2 0 0 1 8 1.8M8 4.5V8l2.4 1.6',
  offline: 'M2 2l12 12M4.3 6A3.3 3.3 0 0 0 4.8 12.5H11M6.7 3.7A4.3 4.3 0 0 1 12 7.5a2.6 2.6 0 0 1 1.7 3.7',
  close: 'M4 4l8 8M12 4l-8 8',
  insert: 'M8 3v10M3 8h10',
  delete: 'M3 8h10',
  refuse: 'M8 1.8a6.2 6.2 0 1 1 0 12.4A6.2 6.2 0 0 1 8 1.8M3.7 3.7l8.6 8.6',
  update: 'M2.5 8h10M9 4.5 12.5 8 9 11.5',
  warning: 'M8 2.2 14.3 13.3H1.7zM8 6.5v3M8 11.4h.01',
  undo: 'M5.5 3 2.5 6l3 3M2.5 6H9.2a3.7 3.7 0 0 1 0 7.4H5.5',
  device: 'M3 3.2h10v7H3zM1.5 12.8h13',
  keys: 'M1.8 4h12.4v8H1.8zM4.5 6.5h.01M8 6.5h.01M11.5 6.5h.01M5 9.5h6',
  waiting: 'M3 8h.01M8 8h.01M13 8h.01',
} as const

export type IconName = keyof typeof PATHS

/** Decoration beside a text: never the only bearer of a meaning. */
export function Icon({ name, class: className = '' }: { name: IconName; class?: string }) {
  return (
    <svg class={`icon ${className}`} viewBox="0 0 16 16" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  )
}
