/** The id in what a person pasted: an address of the workbook, or the id itself; null: neither. */
export function spreadsheetId(text: string): string | null {
  const given = text.trim()
  const [, inAddress] = /\/spreadsheets\/d\/([\w-]+)/.exec(given) ?? []
  const id = inAddress ?? given
  return /^[\w-]{1,200}$/.test(id) ? id : null
}
