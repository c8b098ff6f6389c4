import { render } from 'preact'
import './style/tokens.css'
import './style/base.css'
import './style/shell.css'
import './style/parts.css'
import './style/sign-in.css'
import './style/strip.css'
import './style/projects.css'
import './style/accounts.css'
import './style/account.css'
import './style/history.css'
import './style/lists.css'
import { App } from './app.tsx'
import { startRouter } from './router.ts'

const root = document.getElementById('app')
if (root) {
  startRouter()
  render(<App />, root)
}
