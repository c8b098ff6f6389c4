import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { scan, scanner } from '../../sync/remotes/erp/scan.ts'

const grid = { tables: ['grid'], texts: ['pager'] }

const page = `<!doctype html><html><head><title>ERP</title><style>td{}</style></head><body>
<nav><a href="/lists/products">Products</a></nav>
<script>if (1 < 2) document.write('<table id="grid"><tr><td>no</td></tr></table>')</script>
<!-- <table id="grid"><tr><td>no</td></tr></table> -->
<table id="menu"><tr><td>no</td></tr></table>
<table id="grid" class="grid"><thead><tr><th data-field="id">Code</th><th>?</th><th data-field="name">Name</th></tr></thead>
<tbody><tr data-row="1"><td> A&amp;1 </td><td></td><td>caff&egrave; &euro;&nbsp;5 &#39;x&#39; &lt;b&gt;<br>two</td></tr>
<tr><td>2<td>y<td><table><tr><td>inner</td></tr></table><b>bold</b> <a href="/x">link</a></tr></tbody></table>
<div class="small pager">Page <b>3</b> of 300 (6.000 items)</div>`

const expected = {
  headers: ['id', '', 'name'],
  rows: [
    [' A&1 ', '', "caffè €\u00a05 'x' <b>\ntwo"],
    ['2', 'y', 'innerbold link'],
  ],
}

const signal = new AbortController().signal

/** A response in the given pieces, and how many of them were taken. */
function streamed(pieces: Iterable<string | Uint8Array>) {
  const left = pieces[Symbol.iterator]()
  const encoder = new TextEncoder()
  const told = { taken: 0, stopped: false }
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      pull(controller) {
        const { value, done } = left.next()
        if (done) return controller.close()
        told.taken++
        controller.enqueue(typeof value === 'string' ? encoder.encode(value) : new Uint8Array(value))
      },
      cancel() {
        told.stopped = true
      },
    },
    { highWaterMark: 0 },
  )
  return { response: new Response(body), told }
}

describe('A page of HTML', () => {
  it('is read for its table and pager: entities, line breaks, open cells, tables within; scripts and comments are not', () => {
    const seen = scanner(grid)
    seen.write(page)
    expect(seen.seen().tables.get('grid')).toEqual(expected)
    expect(seen.seen().texts.get('pager')).toBe('Page 3 of 300 (6.000 items)')
  })

  it('says the same in whatever pieces its bytes arrive', async () => {
    const bytes = new TextEncoder().encode(page)
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: bytes.length }), { maxLength: 30 }),
        async (cuts) => {
          const at = [0, ...cuts.toSorted((a, b) => a - b), bytes.length]
          const pieces = at.slice(1).map((end, i) => bytes.subarray(at[i], end))
          const seen = await scan(streamed(pieces).response, signal, grid)
          expect(seen.tables.get('grid')).toEqual(expected)
          expect(seen.texts.get('pager')).toBe('Page 3 of 300 (6.000 items)')
        },
      ),
    )
  })

  it('is not read on once table and pager were there', async () => {
    function* pieces() {
      yield page
      for (;;) yield '<p>and so on</p>'
    }
    const { response, told } = streamed(pieces())
    const seen = await scan(response, signal, grid)
    expect(seen.tables.get('grid')?.rows).toHaveLength(2)
    expect(told).toEqual({ taken: 1, stopped: true })
  })

  it('shows no table, or no pager, when it was cut off anywhere before its end', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: page.length - '</div>'.length }), (end) => {
        const seen = scanner(grid)
        seen.write(page.slice(0, end))
        expect(seen.isEnough()).toBe(false)
      }),
    )
  })

  it('that closes something around an open table was put together from pieces: it shows no table', () => {
    const seen = scanner(grid)
    seen.write('<div><table id="grid"><tr><td>1</td></tr></div><div class="pager">Page 1 of 1 (1 item)</div>')
    expect(seen.seen().tables.has('grid')).toBe(false)
  })

  it('is given up where rows, cells or columns have no end', async () => {
    const starts = ['<table id="grid"><tr>', '<table id="grid"><tr>', '<table id="grid">']
    const rests = ['<td>1</td>', '<th>1</th>', '<tr><td>1</td></tr>']
    for (const [i, start] of starts.entries()) {
      function* pieces() {
        yield start
        for (;;) yield rests[i]!
      }
      const { response, told } = streamed(pieces())
      expect((await scan(response, signal, grid)).endless).toBe(true)
      expect(told.stopped).toBe(true)
    }
  })

  it('without an end, one text and nothing else, is given up at 8 MB', async () => {
    function* pieces() {
      yield '<table id="grid"><tr><td>'
      for (;;) yield 'x'.repeat(100_000)
    }
    const { response, told } = streamed(pieces())
    await expect(scan(response, signal, grid)).rejects.toThrow('longer than 8000000 bytes')
    expect(told.stopped).toBe(true)
  })

  it('that is the sign-in form is known as such', () => {
    const seen = scanner(grid)
    seen.write(
      '<form id="login" method="post" action="/login"><input name="user"><input name="password"></form>',
    )
    expect(seen.seen().login).toBe(true)
  })

  it('shows any text that was escaped into a cell as it was', () => {
    const escaped = (text: string) => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)
    const text = fc.string({ unit: 'binary' }).filter((s) => !s.includes('\0'))
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 5 }), (cells) => {
        const seen = scanner(grid)
        seen.write(
          `<table id="grid"><tr>${cells.map((cell) => `<td>${escaped(cell)}</td>`).join('')}</tr></table>`,
        )
        expect(seen.seen().tables.get('grid')?.rows).toEqual([cells])
      }),
    )
  })
})
