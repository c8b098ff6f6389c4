import { networkInterfaces } from 'node:os'

const EVERYWHERE = '0.0.0.0'
const HERE = '127.0.0.1'

/**
 * Where the demo listens: this machine only, unless somebody asks for more. `--host` alone: every interface, so that a phone
 * on the same network gets in, and with it everybody else there who has a link; `--host ADDRESS` or HOST: that one.
 */
export function hostOf(words: readonly string[], environment: string | undefined): string {
  const at = words.indexOf('--host')
  return at === -1 ? environment || HERE : words[at + 1] || EVERYWHERE
}

/** Whether others than this machine reach it. */
export const isOpen = (host: string): boolean => !/^(127\.|localhost$|::1$)/.test(host)

/** What to open. Where every interface is listened to, the address that a phone on the same network reaches. */
export function nameOf(host: string): string {
  if (host === HERE) return 'localhost'
  return host === EVERYWHERE ? (lanAddress() ?? 'localhost') : host
}

/** How this machine itself reaches it, today and after the network has changed. */
export const ownNameOf = (host: string): string => (host === EVERYWHERE ? HERE : host)

/** The first address of a network card; those that containers and virtual machines make reach no phone. */
function lanAddress(): string | undefined {
  const cards = Object.entries(networkInterfaces()).flatMap(([name, addresses = []]) =>
    addresses
      .filter(({ family, internal }) => family === 'IPv4' && !internal)
      .map(({ address }) => ({
        address,
        isVirtual: /^(docker|br-|veth|virbr|vmnet|vboxnet|utun|tun)/.test(name),
      })),
  )
  return (cards.find(({ isVirtual }) => !isVirtual) ?? cards[0])?.address
}
