/** 0 → A, 25 → Z, 26 → AA. */
function columnLetters(index: number): string {
  let letters = ''
  for (let rest = index + 1; rest > 0; rest = Math.floor((rest - 1) / 26))
    letters = String.fromCharCode(65 + ((rest - 1) % 26)) + letters
  return letters
}

/** A tab's title as Google writes it before `!`: quoted unless it is a plain word that can't be read as a cell. */
export function quoteTitle(title: string): string {
  const plain =
    /^[A-Za-z_]\w*$/.test(title) && !/^([A-Za-z]{1,3}\d+|[Rr]\d*[Cc]\d*|[Rr]\d*|[Cc]\d*)$/.test(title)
  return plain ? title : `'${title.replaceAll("'", "''")}'`
}

/** `Tab!C5` of indexes from 0; without a column the whole row, `Tab!5:5`. */
export const place = (title: string, row: number, column?: number): string =>
  `${quoteTitle(title)}!${column === undefined ? `${row + 1}:${row + 1}` : `${columnLetters(column)}${row + 1}`}`
