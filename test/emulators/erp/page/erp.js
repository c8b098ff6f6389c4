// Shows the calls as they come. The forms work without it.

const live = document.getElementById('live')
const PAUSE = 1_000

async function refresh() {
  try {
    const answer = await fetch('/page/live')
    if (answer.ok) live.innerHTML = await answer.text()
  } catch {
    // The next one may come through.
  }
  setTimeout(refresh, PAUSE)
}

setTimeout(refresh, PAUSE)
