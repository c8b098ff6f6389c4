import { signal } from '@preact/signals'
import { render } from 'preact'
import '../../src/style/tokens.css'
import '../../src/style/base.css'
import '../../src/style/parts.css'
import './review.css'
import { App } from './app.tsx'
import { type Review, start } from './start.ts'

const review = signal<Review | null>(null)
const root = document.getElementById('app')
const Root = () => <App review={review.value} />

if (root) {
  render(<Root />, root)
  review.value = await start()
}
