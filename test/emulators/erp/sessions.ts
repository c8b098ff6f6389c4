export interface SessionOptions {
  readonly clock: () => number
  readonly random: () => number
  /** Idle time after which a session ends */
  readonly sessionMs: number
  /** A new login ends the user's older sessions */
  readonly oneSessionPerUser: boolean
}

interface Session {
  readonly user: string
  usedAt: number
}

export type Sessions = ReturnType<typeof createSessions>

export const sessionCookie = 'ERPSESSION'

/** Users, passwords and who is signed in. */
export function createSessions({ clock, random, sessionMs, oneSessionPerUser }: SessionOptions) {
  const passwords = new Map<string, string>()
  const open = new Map<string, Session>()

  /** A new session's token, or null where user and password don't fit. */
  function login(user: string, password: string): string | null {
    if (passwords.get(user) !== password) return null
    if (oneSessionPerUser) endThoseOf(user)
    const token = drawnToken(random)
    open.set(token, { user, usedAt: clock() })
    return token
  }

  /** Whose session it is, or null where it is unknown or over. */
  function userOf(token: string | null): string | null {
    const session = token === null ? undefined : open.get(token)
    if (!session) return null
    return clock() - session.usedAt < sessionMs ? session.user : null
  }

  /** As `userOf`, and the idle time begins anew. */
  function touch(token: string | null): string | null {
    const user = userOf(token)
    const session = token === null ? undefined : open.get(token)
    if (session && user !== null) session.usedAt = clock()
    return user
  }

  function endThoseOf(user: string): void {
    for (const [token, session] of open) if (session.user === user) open.delete(token)
  }

  return {
    login,
    userOf,
    touch,
    addUser: (user: string, password: string): void => {
      passwords.set(user, password)
    },
    removeUser: (user: string): void => {
      passwords.delete(user)
      endThoseOf(user)
    },
    /** Ends all sessions at once, as a restart of the ERP does. */
    expireAll: (): void => open.clear(),
    users: (): string[] => [...passwords.keys()],
  }
}

const cookiePattern = new RegExp(`(?:^|;\\s*)${sessionCookie}=([^;\\s]+)`)

/** The session's token in a request's cookies. */
export function tokenIn(request: Request): string | null {
  return cookiePattern.exec(request.headers.get('cookie') ?? '')?.[1] ?? null
}

function drawnToken(random: () => number): string {
  let token = ''
  for (let i = 0; i < 4; i += 1) {
    token += Math.floor(random() * 0x1_0000_0000)
      .toString(16)
      .padStart(8, '0')
  }
  return token.toUpperCase()
}
