import { command } from '../command.ts'
import { configPath, readStored, removeStored } from '../config.ts'
import { EXIT } from '../exit.ts'

export const logout = command(
  (declared) =>
    declared
      .name('logout')
      .summary('forget the address and the token')
      .description(
        'Forgets the address and the token on this machine. The token itself stays valid until an admin revokes it.',
      ),
  async (context) => {
    const { env } = context.surroundings
    const stored = await readStored(env).catch(() => null)
    await removeStored(env)
    context.show({ url: stored?.url ?? null, path: configPath(env) }, ({ url }) => [
      url
        ? `Signed out of ${url}. The token stays valid until an admin revokes it.`
        : 'Nobody was signed in.',
    ])
    return EXIT.fine
  },
)
