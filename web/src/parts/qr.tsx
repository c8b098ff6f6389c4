import encodeQR from 'qr'

/** Light modules around the code, without which readers don't find it (ISO/IEC 18004, 7.3.8) */
const QUIET = 4

/** A link as a QR code. It stays dark on light in every theme: not every camera reads an inverted one. */
export function Qr({ text, label }: { text: string; label: string }) {
  const rows = encodeQR(text, 'raw', { border: QUIET })
  const dark = rows.flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? [`M${x} ${y}h1v1h-1z`] : [])))
  return (
    <svg class="qr" role="img" aria-label={label} viewBox={`0 0 ${rows.length} ${rows.length}`}>
      <path class="qr-light" d={`M0 0h${rows.length}v${rows.length}H0z`} />
      <path class="qr-dark" d={dark.join('')} />
    </svg>
  )
}
