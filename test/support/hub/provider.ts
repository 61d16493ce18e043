import { createServer } from 'node:http'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import type { JWK } from 'jose'
import { Provider } from 'oidc-provider'

export const client = { id: 'runbook', secret: 'a-secret-of-the-client-that-is-long-enough' }
/** The address of the hub in tests: a proxy with TLS would stand there. */
export const hubOrigin = 'https://hub.example'

export interface TestProvider {
  issuer: string
  /** Who signs in next, at the page of the provider. */
  account: string
  /** Whether its page asks first, as those of providers do. */
  asks: boolean
  /** Replaces the keys, so that every ID token from here on is signed with another one. */
  rotate(): Promise<void>
  close(): Promise<void>
}

async function signingKey(kid: string): Promise<JWK> {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true })
  return { ...(await exportJWK(privateKey)), kid, alg: 'RS256', use: 'sig' }
}

async function listening(listener: RequestListener): Promise<{ origin: string; close(): Promise<void> }> {
  const server = createServer(listener)
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((done) => {
        server.close(() => done())
        server.closeAllConnections()
      }),
  }
}

/** A real OpenID provider on loopback. Its page of sign-in takes the name that the test sets. */
export async function startProvider(): Promise<TestProvider> {
  let answer: RequestListener = () => undefined
  const server = await listening((request, response) => answer(request, response))
  const issuer = server.origin
  const groups: Record<string, string[]> = { erin: ['7f3a-on-call'] }
  let kid = 0

  async function make(): Promise<void> {
    kid += 1
    const provider = new Provider(issuer, {
      clients: [
        {
          client_id: client.id,
          client_secret: client.secret,
          redirect_uris: [`${hubOrigin}/callback`],
          post_logout_redirect_uris: [`${hubOrigin}/`],
          backchannel_logout_uri: `${hubOrigin}/backchannel-logout`,
          backchannel_logout_session_required: true,
        },
      ],
      jwks: { keys: [await signingKey(`key-${kid}`)] },
      cookies: { keys: ['a key of cookies'] },
      claims: { openid: ['sub', 'sid', 'auth_time', 'groups'], email: ['email', 'email_verified'] },
      conformIdTokenClaims: false,
      features: { devInteractions: { enabled: false }, backchannelLogout: { enabled: true } },
      interactions: { url: (_: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
      findAccount: (_: unknown, id: string) => ({
        accountId: id,
        claims: () => ({
          sub: id,
          groups: groups[id] ?? [],
          email: 'ada@example.com',
          email_verified: false,
        }),
      }),
    })
    const callback = provider.callback()
    answer = (request, response) => {
      if (request.url?.startsWith('/interaction/') === true) void interact(provider, request, response)
      else callback(request, response)
    }
  }

  async function interact(
    provider: Provider,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const { prompt, params, session } = await provider.interactionDetails(request, response)
    if (prompt.name === 'login' && self.asks && request.method === 'GET') {
      response.setHeader('content-type', 'text/html')
      response.end('<!doctype html><form method="post"><button>Continue</button></form>')
      return
    }
    if (prompt.name === 'login')
      return provider.interactionFinished(request, response, { login: { accountId: self.account } })
    const grant = new provider.Grant({
      accountId: session?.accountId ?? '',
      clientId: params['client_id'] ?? '',
    })
    grant.addOIDCScope(params['scope'] ?? 'openid')
    return provider.interactionFinished(request, response, { consent: { grantId: await grant.save() } })
  }

  await make()
  const self: TestProvider = { issuer, account: 'ada', asks: false, rotate: make, close: server.close }
  return self
}

/** What a faulty provider puts into an ID token, and how it answers. */
export interface Fault {
  claims?: Record<string, unknown>
  /** Signs with a key that it does not publish. */
  otherKey?: boolean
  algorithm?: 'none' | 'HS256'
  noIdToken?: boolean
  /** The query with which the browser comes back. */
  query?: Record<string, string>
}

export interface FaultyProvider {
  issuer: string
  fault: Fault
  /** The query of an answer to a request of the hub, with the fault in it. */
  answer(authorization: URL): string
  /** A logout token, signed with its key. */
  logoutToken(claims: Record<string, unknown>): Promise<string>
  close(): Promise<void>
}

/** A provider that lies, for what a real one does not do. */
export async function startFaultyProvider(): Promise<FaultyProvider> {
  const [good, evil] = [await generateKeyPair('RS256', { extractable: true }), await generateKeyPair('RS256')]
  const jwk = { ...(await exportJWK(good.publicKey)), kid: 'k1', alg: 'RS256', use: 'sig' }
  let nonce = ''

  async function idToken(): Promise<string> {
    const now = Math.floor(Date.now() / 1000)
    const claims = {
      iss: self.issuer,
      aud: client.id,
      sub: 'ada',
      iat: now,
      exp: now + 300,
      nonce,
      auth_time: now,
      ...self.fault.claims,
    }
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
    if (self.fault.algorithm === 'none') return `${part({ alg: 'none' })}.${part(claims)}.`
    if (self.fault.algorithm === 'HS256')
      return new SignJWT(claims)
        .setProtectedHeader({ alg: 'HS256' })
        .sign(Buffer.from(client.secret.padEnd(32)))
    const key = self.fault.otherKey === true ? evil.privateKey : good.privateKey
    return new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'k1' }).sign(key)
  }

  const server = await listening((request, response) => {
    const json = (value: object): void => {
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify(value))
    }
    const path = new URL(request.url ?? '/', 'http://x').pathname
    if (path === '/.well-known/openid-configuration')
      return json({
        issuer: self.issuer,
        authorization_endpoint: `${self.issuer}/authorize`,
        token_endpoint: `${self.issuer}/token`,
        jwks_uri: `${self.issuer}/jwks`,
        response_types_supported: ['code'],
        subject_types_supported: ['public'],
        id_token_signing_alg_values_supported: ['RS256', 'none', 'HS256'],
        authorization_response_iss_parameter_supported: true,
      })
    if (path === '/jwks') return json({ keys: [jwk] })
    void idToken().then((id_token) =>
      json({
        access_token: 'a',
        token_type: 'bearer',
        ...(self.fault.noIdToken === true ? {} : { id_token }),
      }),
    )
  })
  const self: FaultyProvider = {
    issuer: server.origin,
    fault: {},
    answer(authorization) {
      nonce = authorization.searchParams.get('nonce') ?? ''
      const query = { code: 'c', state: authorization.searchParams.get('state') ?? '', iss: self.issuer }
      return new URLSearchParams({ ...query, ...self.fault.query }).toString()
    },
    async logoutToken(claims) {
      const now = Math.floor(Date.now() / 1000)
      const events = { 'http://schemas.openid.net/event/backchannel-logout': {} }
      const all = { iss: self.issuer, aud: client.id, sub: 'ada', iat: now, jti: 'j1', events, ...claims }
      return new SignJWT(all).setProtectedHeader({ alg: 'RS256', kid: 'k1' }).sign(good.privateKey)
    },
    close: server.close,
  }
  return self
}
