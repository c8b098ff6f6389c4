import { command } from '../command.ts'
import { EXIT } from '../exit.ts'

export const whoami = command(
  (declared) => declared.name('whoami').summary('who this machine is signed in as'),
  async (context) => {
    const client = await context.connect()
    const session = await client.session()
    context.show({ url: client.server.url, ...session }, ({ url, name, role, user }, { paint }) => [
      `${paint.bold(name)} (${role}${user ? `, user ${user}` : ''}) at ${url}`,
    ])
    return EXIT.fine
  },
)
