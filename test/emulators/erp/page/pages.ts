import { readFileSync } from 'node:fs'
import type { Erp } from '../erp.ts'
import { renderLive, renderPage } from './render.ts'

// The demo's window into the ERP: server-rendered forms, one script that shows the calls as they come.

const assets: Readonly<Record<string, { readonly type: string; readonly file: URL }>> = {
  '/page/erp.css': { type: 'text/css', file: new URL('./erp.css', import.meta.url) },
  '/page/erp.js': { type: 'text/javascript', file: new URL('./erp.js', import.meta.url) },
}

/** Slower than this, nobody waits for a demo. Milliseconds. */
const MOST_LATENCY = 60_000

/** Answers the page's paths, null for any other. */
export function createPages(erp: Erp) {
  const { person } = erp
  let added = 0

  /** Does what a form asks for; a sentence where it can't be done. */
  function act(name: string, form: URLSearchParams): string | null {
    const typed = (field: string) => (form.get(field) ?? '').trim()
    switch (name) {
      case 'price': {
        const price = amountIn(typed('price'))
        if (price === null) return `“${typed('price')}” is not a price.`
        if (!person.rows('prices').some((row) => row.name === typed('name')))
          return `There is no price of “${typed('name')}” any more.`
        person.put('prices', { name: typed('name'), price })
        return null
      }
      case 'add': {
        const price = amountIn(typed('price'))
        if (typed('name') === '') return 'A product needs a name.'
        if (price === null) return `“${typed('price')}” is not a price.`
        add(typed('name'), price)
        return null
      }
      case 'remove':
        person.remove('products', typed('id'))
        return null
      case 'latency': {
        const ms = typed('ms') === '' ? Number.NaN : Number(typed('ms'))
        if (!(ms >= 0 && ms <= MOST_LATENCY)) return `The answer takes 0 to ${MOST_LATENCY} ms.`
        person.setLatency(Math.round(ms))
        return null
      }
      default:
        return 'The page knows no such button.'
    }
  }

  function add(name: string, price: number): void {
    const ids = new Set(person.rows('products').map(({ id }) => id))
    let id: string
    do {
      added += 1
      id = `N-${String(added).padStart(4, '0')}`
    } while (ids.has(id))
    person.put('products', { id, code: id, name, vat: 22, package_size: 1 })
    person.put('prices', { product_id: id, name, price, discount: 0, currency: 'EUR' })
  }

  return async function pages(request: Request): Promise<Response | null> {
    const { pathname, searchParams } = new URL(request.url)
    const search = searchParams.get('q') ?? ''
    if (request.method === 'POST' && pathname.startsWith('/page/')) {
      const form = new URLSearchParams(await request.text())
      const wrong = act(pathname.slice('/page/'.length), form)
      if (wrong !== null) return html(renderPage(erp, form.get('q') ?? '', wrong), 422)
      const back = new URLSearchParams({ q: form.get('q') ?? '' })
      return new Response(null, { status: 303, headers: { location: form.get('q') ? `/?${back}` : '/' } })
    }
    if (request.method !== 'GET') return null
    const asset = assets[pathname]
    if (asset) return new Response(readFileSync(asset.file), { headers: { 'content-type': asset.type } })
    if (pathname === '/page/live') return html(renderLive(erp))
    return pathname === '/' ? html(renderPage(erp, search)) : null
  }
}

/** 12,50 and 1.234,50 and 12.5; null for what is no amount. */
export function amountIn(typed: string): number | null {
  const plain = typed.includes(',') ? typed.replaceAll('.', '').replace(',', '.') : typed
  return /^\d{1,9}(\.\d{1,2})?$/.test(plain) ? Number(plain) : null
}

function html(page: string, status = 200): Response {
  return new Response(page, {
    status,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': "default-src 'self'; frame-ancestors *",
      'cache-control': 'no-store',
    },
  })
}
