import { open, rm } from 'node:fs/promises'
import { refusal } from './failure.ts'

/** Where a secret goes that can be had only once. It is opened before the secret is made, so that none is lost. */
export async function secretFile(path: string, stdout: NodeJS.WritableStream) {
  const file = path === '-' ? null : await openNew(path)
  return {
    async write(secret = ''): Promise<void> {
      if (!file) stdout.write(`${secret}\n`)
      await file?.writeFile(`${secret}\n`)
      await file?.close()
    },
    /** The same promise; where it fails there is no secret, and no file is left. */
    async orRemove<T>(made: Promise<T>): Promise<T> {
      try {
        return await made
      } catch (error) {
        await file?.close()
        if (file) await rm(path, { force: true })
        throw error
      }
    },
  }
}

/** `wx`: an older file would keep its mode, and its content would be gone. */
async function openNew(path: string) {
  try {
    return await open(path, 'wx', 0o600)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    throw refusal('no_file', {
      title: 'The file cannot be made',
      detail: code === 'EEXIST' ? `${path} is there already.` : message,
      mend: 'Name a new file in a folder that you may write to.',
    })
  }
}
