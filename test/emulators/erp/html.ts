import type { Dialect, SentLine } from './dialect.ts'
import { cell, escaped, number } from './format.ts'
import { hasBody } from './json.ts'
import { ddtFields, type Field, lineFields, lists } from './lists.ts'

/** The ERP as people see it. */
export const html: Dialect = {
  credentialsIn(body) {
    const form = new URLSearchParams(body)
    return { user: form.get('user') ?? '', password: form.get('password') ?? '' }
  },
  orderIn(body) {
    const form = new URLSearchParams(body)
    const lines: SentLine[] = []
    for (let line = 1; form.has(`line.${line}.product_id`); line += 1) {
      const typed = (name: string) => form.get(`line.${line}.${name}`)
      lines.push({
        productId: typed('product_id') ?? '',
        quantity: numberIn(typed('quantity')) ?? Number.NaN,
        price: numberIn(typed('price')),
        discount: numberIn(typed('discount')),
      })
    }
    return {
      externalRef: form.get('external_ref') || null,
      customerId: form.get('customer_id') ?? '',
      note: form.get('note') || null,
      lines,
    }
  },
  list: ({ list, page, pages, total, rows }) =>
    answer(
      200,
      list,
      `${table('grid', lists[list].fields, rows)}
<div class="pager">Page ${number(page)} of ${number(pages)} (${number(total)} items)</div>`,
    ),
  order: (id, { lines, note }) =>
    answer(
      200,
      `Order ${id}`,
      `${table('lines', lineFields, lines)}
<p id="note">${escaped(note ?? '')}</p>`,
    ),
  ddt: (id, { ddt }) => answer(200, `Delivery of ${id}`, table('ddt', ddtFields, ddt)),
  created: (id) => redirect(`/orders/${encodeURIComponent(id)}`),
  refused: (reason) => answer(422, 'Order', `<p class="error">${escaped(reason)}</p>`),
  signedIn: (_user, cookie) => redirect('/home', { 'set-cookie': cookie }),
  wrongLogin: () => loginPage('Wrong user or password'),
  expired: () => redirect('/login'),
  missing: (what) => answer(404, 'Not found', `<p>There is no such ${escaped(what)}.</p>`),
  busy: () => answer(503, 'Busy', '<p>The system is busy</p>', { 'retry-after': '1' }),
  bare: (status, body) =>
    body === undefined && hasBody(status)
      ? answer(status, `Error ${status}`, `<p>The system answered with error ${status}.</p>`)
      : new Response(hasBody(status) ? body : null, { status, headers: { 'content-type': type } }),
  errorText: (sentence) => answer(200, 'Error', `<p>${escaped(sentence)}</p>`),
}

/** The sign-in page, with what went wrong. */
export function loginPage(wrong = ''): Response {
  return answer(
    200,
    'Sign in',
    `<form id="login" method="post" action="/login">
${wrong && `<p class="error">${escaped(wrong)}</p>`}
<label>User <input name="user"></label>
<label>Password <input name="password" type="password"></label>
<button>Sign in</button>
</form>`,
  )
}

export function homePage(user: string): Response {
  return answer(200, 'Home', `<p>Signed in as ${escaped(user)}</p>`)
}

/** What a proxy or a crashed server shows: a page, and a status that says all is well. */
export function crashPage(): Response {
  return answer(200, 'Application error', '<h1>Application error</h1><p>Contact the administrator.</p>')
}

export function redirect(to: string, headers: Record<string, string> = {}): Response {
  return new Response(`<p>Moved to <a href="${escaped(to)}">${escaped(to)}</a></p>`, {
    status: 302,
    headers: { 'content-type': type, location: to, ...headers },
  })
}

const type = 'text/html; charset=utf-8'

const menu = Object.keys(lists)
  .map((list) => `<li><a href="/lists/${list}?page=1">${list}</a></li>`)
  .join('')

function answer(
  status: number,
  title: string,
  content: string,
  headers: Record<string, string> = {},
): Response {
  // The script and the comment hold what a careless reader takes for a table.
  const page = `<!DOCTYPE html>
<html lang="it"><head><meta charset="utf-8"><title>${escaped(title)} - Gestionale</title>
<style>.grid td { padding: 2px 4px } /* <table> */</style>
<script>var rows = 0; if (rows < 1) { var empty = '<table id="none"><tr><td></td></tr></table>' }</script>
</head><body>
<!-- v3.11 <table id="grid"><tr><td>old</td></tr></table> -->
<div id="header"><b>Gestionale</b> &copy; 2009</div>
<ul id="menu">${menu}<li><a href="/home">home</a></li></ul>
<div id="content">
${content}
</div></body></html>`
  return new Response(page, { status, headers: { 'content-type': type, ...headers } })
}

function table(
  id: string,
  fields: readonly Field[],
  rows: readonly Readonly<Record<string, unknown>>[],
): string {
  let body = ''
  let line = 0
  for (const row of rows) {
    line += 1
    body += `\n<tr data-row="${line}">`
    for (const field of fields) body += `<td> ${cell(row[field.name], field.type)} </td>`
    body += '</tr>'
  }
  const head = fields.map(({ name, label }) => `<th data-field="${name}">${escaped(label)}</th>`).join('')
  return `<table id="${id}" class="grid"><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table>`
}

/** People type 2,5 and browsers send 2.5. */
function numberIn(typed: string | null): number | undefined {
  if (typed === null || typed.trim() === '') return undefined
  return Number(typed.replace(',', '.'))
}
