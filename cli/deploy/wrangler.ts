import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** What a call of wrangler printed, and how it ended. */
export type WranglerResult = { code: number; stdout: string; stderr: string }

/** Calls wrangler with arguments; `inherit` lets it talk to the person at the terminal (a log-in). */
export type Wrangler = (args: readonly string[], options?: WranglerOptions) => Promise<WranglerResult>
export type WranglerOptions = { inherit?: boolean; env?: Record<string, string> }

/**
 * The pinned wrangler, by this very Node: `node` on the PATH may be older than wrangler accepts.
 * Quiet: no banner (it asks the registry for a newer version), no metrics, no request for `Request.cf`.
 */
export const wrangler: Wrangler = (args, options = {}) =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [CLI, ...args], {
      stdio: options.inherit ? 'inherit' : ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...QUIET, ...options.env },
    })
    let stdout = ''
    let stderr = ''
    child.stdout?.on('data', (text) => {
      stdout += text
    })
    child.stderr?.on('data', (text) => {
      stderr += text
    })
    child.on('error', reject)
    child.on('close', (code) => resolve({ code: code ?? 1, stdout, stderr }))
  })

const CLI = join(dirname(createRequire(import.meta.url).resolve('wrangler/package.json')), 'bin/wrangler.js')

const QUIET = {
  WRANGLER_HIDE_BANNER: 'true',
  WRANGLER_SEND_METRICS: 'false',
  CLOUDFLARE_CF_FETCH_ENABLED: 'false',
  NO_COLOR: '1',
  FORCE_COLOR: '0',
}
