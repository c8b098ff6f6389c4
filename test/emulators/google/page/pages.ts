import { readFileSync } from 'node:fs'
import { Refusal } from '../failure.ts'
import type { Fault } from '../faults.ts'
import type { Google } from '../google.ts'
import { changes } from './changes.ts'
import { renderIndex, renderSheet } from './render.ts'

// The demo's stand-in for the Google Sheets page: server-rendered, one script, one style sheet.

const assets: Readonly<Record<string, { readonly type: string; readonly file: URL }>> = {
  '/page/grid.css': { type: 'text/css', file: new URL('./grid.css', import.meta.url) },
  '/page/grid.js': { type: 'text/javascript', file: new URL('./grid.js', import.meta.url) },
}

/** The faults that a visitor can switch on and off. */
export const switches = {
  down: { label: 'Google is down', fault: null },
  flaky: { label: '30 % of calls fail', fault: { probability: 0.3, do: { status: 503 } } },
  quota: { label: 'Quota exhausted', fault: { match: { kind: ['read', 'write'] }, do: { status: 429 } } },
} as const satisfies Record<string, { label: string; fault: Fault | null }>

export type SwitchName = keyof typeof switches

/** Answers the page's paths, null for any other. */
export function createPages(google: Google) {
  const { faults } = google
  const active = new Map<SwitchName, number>()

  function isOn(name: SwitchName): boolean {
    if (name === 'down') return faults.isDown
    const id = active.get(name)
    return id !== undefined && faults.list().some((fault) => fault.id === id)
  }

  function flip(name: SwitchName): void {
    const { fault } = switches[name]
    const on = isOn(name)
    if (!fault) faults.down(!on)
    else if (on) faults.remove(active.get(name) ?? 0)
    else active.set(name, faults.add(fault))
  }

  return function pages(request: Request): Response | null {
    const url = new URL(request.url)
    const asset = assets[url.pathname]
    if (asset) return new Response(readFileSync(asset.file), { headers: { 'content-type': asset.type } })
    if (url.pathname === '/page/changes') return changes(google, request)
    const flipped = /^\/page\/switches\/(\w+)$/.exec(url.pathname)?.[1]
    if (request.method === 'POST' && flipped !== undefined) {
      if (!isSwitch(flipped)) return new Response(null, { status: 404 })
      flip(flipped)
      return new Response(null, { status: 204 })
    }
    if (request.method !== 'GET') return null
    if (url.pathname === '/') return html(renderIndex(google.person.list()))
    const id = /^\/spreadsheets\/d\/([^/]+)(?:\/edit)?$/.exec(url.pathname)?.[1]
    if (id === undefined) return null
    try {
      const view = {
        tab: url.searchParams.get('tab'),
        from: Math.max(1, Number(url.searchParams.get('from')) || 1),
      }
      return html(renderSheet(google, decodeURIComponent(id), view, isOn))
    } catch (error) {
      if (error instanceof Refusal) return html(renderIndex(google.person.list()), 404)
      throw error
    }
  }
}

function isSwitch(name: string): name is SwitchName {
  return Object.hasOwn(switches, name)
}

function html(page: string, status = 200): Response {
  return new Response(page, {
    status,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': "default-src 'self'; img-src 'self' data:; frame-ancestors *",
    },
  })
}
