import type { Field } from './lists.ts'

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '€': '&euro;',
  '\u00a0': '&nbsp;',
}

export function escaped(text: string): string {
  return text.replace(/[&<>"'€\u00a0]/g, (sign) => entities[sign] ?? sign)
}

/** A cell's inner HTML: numbers and dates as people in Italy read them; what is of a wrong type stands as it is. */
export function cell(value: unknown, type: Field['type']): string {
  if (value === null || value === undefined || value === '') return '&nbsp;'
  if (typeof value === 'object') return escaped(JSON.stringify(value))
  if (typeof value === 'number') {
    if (type === 'money') return `&euro; ${number(value, 2)}`
    return type === 'text' ? String(value) : number(value, type === 'decimal' ? 2 : 0)
  }
  const text = String(value)
  const [, year, month, day, clock] =
    /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d:\d\d:\d\d)(?:\.\d+)?Z)?$/.exec(text) ?? []
  if (type === 'date' && year && !clock) return `${day}/${month}/${year}`
  if (type === 'time' && clock) return `${day}/${month}/${year} ${clock}`
  return escaped(text)
}

/** 1234.5 as 1.234,50; never fewer than so many decimals, and never rounded. */
export function number(value: number, decimals = 0): string {
  const text = String(value)
  if (!/^-?\d+(\.\d+)?$/.test(text)) return text
  const [whole = '', fraction = ''] = text.split('.')
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, '.')
  const shown = fraction.padEnd(decimals, '0')
  return shown === '' ? grouped : `${grouped},${shown}`
}
