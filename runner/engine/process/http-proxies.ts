import { decodeUri } from '../../model/text/decode-uri.ts'

const variables = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'no_proxy'] as const

type Environment = Readonly<Record<string, string | undefined>>

/** The proxy variables that a step inherits. */
export const proxyVariables: readonly string[] = [
  ...variables,
  'ALL_PROXY',
  'all_proxy',
  'NODE_USE_ENV_PROXY',
]

/** The password of an address, as `curl` reads it: also of one without a scheme, such as `user:password@host:3128`. */
const passwordPattern = /^(?:[a-z][a-z\d+.-]*:\/\/)?[^:@/]*:(.+)@/i

/** Passwords in the addresses of proxies: steps inherit them, and may print them. */
export function proxyPasswords(env: Environment): string[] {
  return proxyVariables.flatMap((name) => {
    const password = passwordPattern.exec(env[name] ?? '')?.[1]
    return password === undefined ? [] : [...new Set([password, decodeUri(password) ?? password])]
  })
}

/** The names of this machine: no proxy outside reaches it for us. */
const thisMachine = ['localhost', '127.0.0.1', '::1', '[::1]']

let used = false

/**
 * Sends the requests of this process through the proxies that its environment names, from the first call on, but for those to this
 * machine. Returns why it cannot.
 */
export function useProxies(): string | undefined {
  if (used || !variables.some((name) => process.env[name])) return undefined
  // An import of this module costs every command the start of a client for requests, a third of its own time.
  const http = process.getBuiltinModule('node:http')
  const set = http.setGlobalProxyFromEnv as typeof http.setGlobalProxyFromEnv | undefined
  if (!set)
    return `a proxy is set in the environment, which needs Node 24.14; this is ${process.versions.node}`
  try {
    set({ ...process.env, no_proxy: exceptions(process.env) })
  } catch (error) {
    return `the environment names a proxy that cannot be used: ${(error as Error).message}`
  }
  used = true
  return undefined
}

/**
 * Options of an agent of `node:http` or `node:https` that uses the proxies of the environment. They are for a library: the other
 * requests of its program are unchanged.
 */
export function proxyOptions(): { proxyEnv: Environment } {
  return { proxyEnv: { ...process.env, no_proxy: exceptions(process.env) } }
}

function exceptions({ no_proxy: lower, NO_PROXY: upper }: Environment): string {
  const own = lower ?? upper ?? ''
  return own.trim() === '*' ? '*' : [own, ...thisMachine].filter(Boolean).join(',')
}

/** `fetch` through the proxies of the environment. Rejects when they cannot be used, and as `fetch` does. */
export async function fetchByProxy(url: string | URL, init?: RequestInit): Promise<Response> {
  const problem = useProxies()
  if (problem !== undefined) throw new TypeError(problem)
  return fetch(url, init)
}
