// Cells are inputs: they show what Sheets displays, turn to what was entered while focused, and are saved on
// Enter or when left. The server renders everything; a change elsewhere fetches the page again and swaps its parts.

const main = document.querySelector('main')
const { spreadsheet, tab } = main.dataset
const message = document.querySelector('#message')
const place = document.querySelector('#place')
const noteDialog = document.querySelector('#note')
let selected = null
let saving = 0
let entered = null

const quoted = `'${tab.replaceAll("'", "''")}'`
const cellNamed = (name) => document.querySelector(`[data-cell="${name}"]`)
const rowOf = (name) => Number(name.replace(/\D/g, ''))
const columnOf = (name) => name.replace(/\d/g, '')

async function send(path, body) {
  saving += 1
  try {
    const response = await fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    message.textContent = response.ok ? '' : ((await response.json()).error?.message ?? 'That did not work.')
  } catch {
    message.textContent = 'The emulator does not answer.'
  } finally {
    saving -= 1
  }
  await refresh()
}

const act = (name, args) => send(`/person/${encodeURIComponent(spreadsheet)}/${name}`, args)

function enter(input) {
  selected = input.dataset.cell
  place.textContent = `Cell ${selected}`
  if (input.dataset.shown === undefined) {
    input.dataset.shown = input.value
    input.value = input.dataset.entered || input.value
    input.dataset.before = input.value
    // Typing replaces a cell that was just entered, as in any spreadsheet; a second click places the caret.
    input.select()
    entered = input
  }
}

function leave(input, keep) {
  const { shown, before } = input.dataset
  delete input.dataset.shown
  delete input.dataset.before
  if (shown === undefined) return
  if (keep && input.value !== before)
    act('set', { cell: `${quoted}!${input.dataset.cell}`, text: input.value })
  else input.value = shown
}

main.addEventListener('focusin', (event) => {
  if (event.target.matches('[data-cell]')) enter(event.target)
})

main.addEventListener('mouseup', (event) => {
  if (event.target === entered) event.preventDefault()
  entered = null
})

main.addEventListener('focusout', (event) => {
  if (event.target.matches('[data-cell]')) leave(event.target, true)
})

main.addEventListener('keydown', (event) => {
  const input = event.target
  if (!input.matches('[data-cell]')) return
  const steps = { Enter: event.shiftKey ? -1 : 1, ArrowDown: 1, ArrowUp: -1 }
  if (event.key === 'Escape') {
    leave(input, false)
    enter(input)
  } else if (steps[event.key] !== undefined) {
    event.preventDefault()
    const name = input.dataset.cell
    const next = cellNamed(`${columnOf(name)}${rowOf(name) + steps[event.key]}`)
    if (next) next.focus()
    else input.blur()
  }
})

const actions = {
  insert: (name) => act('insertRow', { tab, row: rowOf(name) }),
  duplicate: (name) => act('duplicateRow', { tab, row: rowOf(name) }),
  delete: (name) => act('deleteRow', { tab, row: rowOf(name) }),
  'sort-up': (name) => act('sort', { tab, by: columnOf(name) }),
  'sort-down': (name) => act('sort', { tab, by: columnOf(name), descending: true }),
  note: (name) => openNote(name),
}

function openNote(name) {
  noteDialog.querySelector('h2').textContent = `Note on ${name}`
  noteDialog.querySelector('textarea').value = cellNamed(name).dataset.note
  noteDialog.dataset.cellName = name
  noteDialog.returnValue = 'cancel'
  noteDialog.showModal()
}

noteDialog.addEventListener('close', () => {
  const name = noteDialog.dataset.cellName
  const note = noteDialog.querySelector('textarea').value
  if (noteDialog.returnValue === 'save') act('setNote', { cell: `${quoted}!${name}`, note })
  cellNamed(name)?.focus()
})

document.addEventListener('click', (event) => {
  const button = event.target.closest('button')
  if (!button) return
  if (button.dataset.switch) send(`/page/switches/${button.dataset.switch}`, {})
  else if (button.dataset.act === 'add-tab') {
    const titles = [...document.querySelectorAll('#tabs a')].map((link) => link.textContent)
    let number = titles.length + 1
    while (titles.includes(`Sheet${number}`)) number += 1
    act('addTab', { title: `Sheet${number}` })
  } else if (button.dataset.act) {
    if (selected) actions[button.dataset.act](selected)
    else message.textContent = 'Select a cell first.'
  }
})

// The toolbar acts on the selected cell, so pressing it must not save and leave that cell first by losing focus.
document.querySelector('.tools').addEventListener('pointerdown', () => {
  const input = document.activeElement
  if (input?.matches?.('[data-cell]')) input.blur()
})

let running = null
let again = false

/** Fetches the page anew and swaps its parts; what is being typed stays. */
async function refresh() {
  if (running) {
    again = true
    return running
  }
  running = (async () => {
    try {
      const response = await fetch(location.href)
      if (response.ok && saving === 0)
        swap(new DOMParser().parseFromString(await response.text(), 'text/html'))
    } catch {
      // The server is gone; the page stays as it is, and the event stream connects again by itself.
    }
  })()
  await running
  running = null
  if (again) {
    again = false
    await refresh()
  }
}

function swap(page) {
  const active = document.activeElement
  const focus = active?.dataset?.cell
  const typed = focus && { value: active.value, start: active.selectionStart, end: active.selectionEnd }
  const dirty = focus && active.value !== active.dataset.before
  const switchName = active?.dataset?.switch
  for (const id of ['grid', 'tabs', 'switches', 'calls']) {
    const fresh = page.getElementById(id)
    const old = document.getElementById(id)
    if (!fresh || fresh.innerHTML === old.innerHTML) continue
    // Taking a focused input away fires focusout; its value is carried over instead of saved.
    if (id === 'grid' && focus) delete active.dataset.shown
    old.innerHTML = fresh.innerHTML
  }
  if (focus && !active.isConnected) {
    const input = cellNamed(focus)
    if (!input) return
    input.focus({ preventScroll: true })
    if (dirty) {
      input.value = typed.value
      input.setSelectionRange(typed.start, typed.end)
    }
  }
  if (switchName && !active.isConnected) document.querySelector(`[data-switch="${switchName}"]`)?.focus()
}

let due = false
new EventSource('/page/changes').addEventListener('message', () => {
  if (due) return
  due = true
  setTimeout(() => {
    due = false
    refresh()
  }, 150)
})
