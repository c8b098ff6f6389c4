/** The mark: a tide staff with the water at its line. */
export function Mark() {
  return (
    <svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" />
      <path d="M5 19.5c3.6 0 3.6-3 7.2-3s3.6 3 7.2 3 3.6-3 7.6-3" class="mark-water" />
      <path d="M9 8h14M12 12h8M7 25.5h18" class="mark-staff" />
    </svg>
  )
}
