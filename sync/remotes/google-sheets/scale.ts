/** Units that mean one power of ten in every language that uses them. */
const everywhere: Readonly<Record<string, number>> = {
  k: 3,
  tsd: 3,
  tys: 3,
  тыс: 3,
  万: 4,
  萬: 4,
  만: 4,
  mio: 6,
  mln: 6,
  млн: 6,
  亿: 8,
  億: 8,
  억: 8,
  mrd: 9,
  mld: 9,
  млрд: 9,
}

/**
 * Units that mean something else in another language: an English billion is not a German one, `mil` is a thousand in
 * Spanish and a million to some in English, `T` is a trillion or a thousand (so it is nowhere).
 */
const inLanguage: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  en: { thousand: 3, m: 6, mn: 6, million: 6, b: 9, bn: 9, billion: 9 },
  es: { mil: 3 },
  pt: { mil: 3, mi: 6, bi: 9 },
  it: { mila: 3 },
  fr: { md: 9 },
}

/** The power of ten that a unit stands for in a locale (`en_US`); 0 without a unit, null where it isn't known. */
export function scaleOf(unit: string, locale: string): number | null {
  const bare = unit.replace(/\.$/, '')
  if (bare === '') return 0
  if (bare === 'M') return 6
  const word = bare.toLowerCase()
  const language = locale.split(/[_-]/)[0] ?? ''
  return everywhere[word] ?? inLanguage[language]?.[word] ?? null
}
