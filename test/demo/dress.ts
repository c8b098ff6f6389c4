/** A dress, more or less, in a colour of its own: an SVG picture. */
export function dress(n: number): string {
  const hue = (n * 67) % 360
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 300 400"><rect width="300" height="400" fill="hsl(${hue} 25% 88%)"/><path d="M120 60q30 25 60 0l12 70-14 40 52 190H70l52-190-14-40z" fill="hsl(${hue} 40% 45%)"/></svg>`
}
