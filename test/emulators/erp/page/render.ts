import type { Erp } from '../erp.ts'
import { cell, escaped, number } from '../format.ts'
import { type ListName, lists, type Row } from '../lists.ts'

/** Rows shown of each list, and calls. */
const ROWS = 8
const CALLS = 20

const shownFields: Readonly<Record<ListName, readonly string[]>> = {
  customers: ['id', 'name', 'city', 'last_order_on'],
  products: ['id', 'code', 'name', 'modified'],
  prices: ['product_id', 'name', 'discount'],
  orders: ['number', 'customer_name', 'status', 'total', 'external_ref', 'modified'],
}

/** The whole page. */
export function renderPage(erp: Erp, search: string, wrong = ''): string {
  const { person, users } = erp
  const found = (rows: readonly Row[]) => {
    const wanted = search.toLowerCase()
    return rows.filter(({ name }) => String(name).toLowerCase().includes(wanted))
  }
  const again = `<input type="hidden" name="q" value="${escaped(search)}">`
  const remove = ({ id, name }: Row) =>
    `<form method="post" action="/page/remove">${again}<input type="hidden" name="id" value="${escaped(String(id))}">
<button aria-label="Remove ${escaped(String(name))}">Remove</button></form>`
  const price = ({ name, price }: Row) =>
    `<form method="post" action="/page/price">${again}<input type="hidden" name="name" value="${escaped(String(name))}">
<input name="price" inputmode="decimal" size="9" aria-label="Price of ${escaped(String(name))}" value="${typeof price === 'number' ? number(price, 2) : ''}">
<button>Save</button></form>`
  const each = (list: ListName) =>
    users.map((user) => table(`${list} of ${user}`, list, person.rows(list, { user }))).join('')
  return `<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>The ERP</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="/page/erp.css"><script type="module" src="/page/erp.js"></script></head>
<body><header><h1>The ERP</h1>
<form method="post" action="/page/latency">${again}<label>Every answer takes
<input name="ms" type="number" min="0" max="60000" step="any" value="${erp.latency}"> ms</label> <button>Set</button></form></header>
${wrong && `<p class="wrong" role="alert">${escaped(wrong)}</p>`}
<main><section><h2>Calls</h2><div id="live">${renderLive(erp)}</div></section>
<section><h2>Products and prices</h2>
<form><label>Search <input name="q" type="search" value="${escaped(search)}"></label> <button>Search</button></form>
<form method="post" action="/page/add">${again}<label>New product <input name="name" required></label>
<label>Price <input name="price" inputmode="decimal" size="9" required></label> <button>Add</button></form>
${table('products', 'products', found(person.rows('products')), { title: '', of: remove })}
${table('prices', 'prices', found(person.rows('prices')), { title: 'Prezzo €', of: price })}</section>
<section><h2>Customers</h2>${each('customers')}</section>
<section><h2>Orders</h2>${each('orders')}</section></main></body></html>`
}

/** What changes without anybody touching the page: the last calls, newest first. */
export function renderLive({ calls, overruns, mostAtOnce }: Erp): string {
  const rows = calls
    .slice(-CALLS)
    .reverse()
    .map(({ method, path, user, at, ms, status }) => {
      const time = new Date(at).toISOString().slice(11, 19)
      const texts = [time, user ?? '–', method, path, status === 0 ? '…' : String(status), `${ms} ms`]
      return `<tr${status >= 400 ? ' class="bad"' : ''}>${texts.map((text) => `<td>${escaped(text)}</td>`).join('')}</tr>`
    })
    .join('')
  const names = ['At', 'User', 'Method', 'Path', 'Status', 'Took']
  return `<p>${number(calls.length)} calls, at most ${mostAtOnce} at once, ${number(overruns)} turned away as one too many.</p>
<table><thead><tr>${names.map((name) => `<th scope="col">${name}</th>`).join('')}</tr></thead><tbody>${rows}</tbody></table>`
}

interface Extra {
  readonly title: string
  readonly of: (row: Row) => string
}

function table(caption: string, list: ListName, rows: readonly Row[], extra?: Extra): string {
  const fields = lists[list].fields.filter(({ name }) => shownFields[list].includes(name))
  const head = fields.map(({ label }) => `<th scope="col">${escaped(label)}</th>`).join('')
  const body = rows.slice(0, ROWS).map((row) => {
    const cells = fields.map(({ name, type }) => `<td>${cell(row[name], type)}</td>`).join('')
    return `<tr>${cells}${extra ? `<td>${extra.of(row)}</td>` : ''}</tr>`
  })
  return `<table><caption>${escaped(caption)}: ${number(Math.min(ROWS, rows.length))} of ${number(rows.length)}</caption>
<thead><tr>${head}${extra ? `<th scope="col">${extra.title || '<span class="quiet">Action</span>'}</th>` : ''}</tr></thead><tbody>${body.join('')}</tbody></table>`
}
