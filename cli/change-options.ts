import type { Command } from 'commander'

/** Options of every command that changes collections by a plan. */
export const planned = (command: Command): Command =>
  command
    .option('--dry-run', 'say what it comes to, row by row, and change nothing')
    .option('--out <plan>', 'the same, and write it into a file for: tidemark apply')
    .option('--yes', 'do not ask')

export const PLANNED_HELP = `
On a terminal it shows what it comes to, and asks. What was planned is done exactly so, or not at all: if the data
has changed meanwhile, nothing happens, and you see what is different.

Before anything risky: tidemark backup

Exit codes: 0 done; 1 something of it is left to a person, or the data has changed since it was planned; 2 failed.`
