import { createRemoteJWKSet, customFetch, jwtVerify } from 'jose'
import * as client from 'openid-client'
import * as z from 'zod'
import { fetchByProxy } from '../../../../engine/process/http-proxies.ts'
import type { HubSettings } from '../../../../hub-schema.ts'
import { failure, success } from '../../../../model/problem.ts'
import type { Outcome } from '../../../../model/problem.ts'

/** The values that a sign-in must come back with. */
interface Expected {
  state: string
  nonce: string
  verifier: string
  /** How long ago the person may have proved who they are, in seconds. */
  maxAge: number
}

/** Who signed in, by the ID token. */
interface Proved {
  issuer: string
  subject: string
  sid: string
  groups: string[]
  /** Milliseconds since the epoch. */
  provedAt: number
}

export interface Provider {
  /** The address at the provider that begins a sign-in. Rejects when the provider cannot be reached. */
  begin(expected: Expected): Promise<URL>
  /** Judges the answer of the provider, whose query is that of the request. */
  finish(query: string, expected: Expected): Promise<Outcome<Proved>>
  /** The address that ends the session at the provider; undefined where it has none. */
  end(): Promise<URL | undefined>
  /** Judges a logout that the provider tells of itself. */
  told(token: string): Promise<Outcome<Told>>
}

/** A session of the provider, or every session of an account, that has ended. */
interface Told {
  issuer: string
  subject: string | undefined
  sid: string | undefined
  /** The id of the message. */
  jti: string
}

export interface ProviderOptions {
  settings: HubSettings
  secret: string
  /** Where the provider leads a browser back to: from the configuration, never from a request. */
  callback: URL
  home: URL
  now: () => number
}

/** How far the clocks may be apart, and how old an ID token may be, in seconds. */
const tolerance = 10
const mostAge = 120
/** How long the description of the provider counts, in milliseconds. */
const describedMs = 3_600_000

const claimsSchema = z.object({
  iss: z.string(),
  sub: z.string().min(1),
  aud: z.union([z.string(), z.array(z.string())]),
  azp: z.string().optional(),
  iat: z.number(),
  auth_time: z.number(),
  sid: z.string().optional(),
})

const eventName = 'http://schemas.openid.net/event/backchannel-logout'
const toldSchema = z.object({
  iss: z.string(),
  sub: z.string().optional(),
  sid: z.string().optional(),
  jti: z.string().min(1),
  iat: z.number(),
  nonce: z.undefined().optional(),
  events: z.record(z.string(), z.object({})),
})

/** The one OpenID provider of a hub. It is asked when somebody signs in, so a hub starts while the provider is away. */
export function makeProvider({ settings, secret, callback, home, now }: ProviderOptions): Provider {
  const { issuer, clientId, algorithm, scope, groupsClaim } = settings
  let described: { at: number; config: Promise<client.Configuration> } | undefined
  let keys: { address: string; set: ReturnType<typeof createRemoteJWKSet> } | undefined

  function config(): Promise<client.Configuration> {
    if (described && now() - described.at < describedMs) return described.config
    const made = client.discovery(
      new URL(issuer),
      clientId,
      { id_token_signed_response_alg: algorithm, [client.clockTolerance]: tolerance },
      client.ClientSecretBasic(secret),
      {
        // The settings allow a provider without TLS on this machine alone.
        execute: [
          client.enableNonRepudiationChecks,
          ...(issuer.startsWith('http:') ? [client.allowInsecureRequests] : []),
        ],
        timeout: 10,
        [client.customFetch]: (url, { body, ...init }) =>
          fetchByProxy(url, { ...init, body: body as BodyInit }),
      },
    )
    described = { at: now(), config: made }
    made.catch(() => (described = undefined))
    return made
  }

  return {
    begin: async ({ state, nonce, verifier, maxAge }) =>
      client.buildAuthorizationUrl(await config(), {
        redirect_uri: callback.href,
        scope,
        state,
        nonce,
        code_challenge: await client.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        max_age: String(maxAge),
      }),

    async finish(query, { state, nonce, verifier, maxAge }) {
      const answered = new URL(callback)
      answered.search = query
      try {
        const tokens = await client.authorizationCodeGrant(await config(), answered, {
          expectedState: state,
          expectedNonce: nonce,
          pkceCodeVerifier: verifier,
          idTokenExpected: true,
          maxAge,
        })
        const claims = tokens.claims()
        const read = claimsSchema.safeParse(claims)
        if (!read.success) return failure('The ID token of the provider lacks a claim')
        const { iss, sub, aud, azp, iat, auth_time: provedAt, sid = '' } = read.data
        const audiences = typeof aud === 'string' ? [aud] : aud
        if ((azp ?? clientId) !== clientId || audiences.some((one) => one !== clientId))
          return failure('The ID token is for another program')
        if (Math.abs(now() / 1000 - iat) > mostAge + tolerance)
          return failure('The ID token was not made just now; compare the clocks of the hub and the provider')
        const groups = z.array(z.string()).safeParse(claims?.[groupsClaim])
        return success({
          issuer: iss,
          subject: sub,
          sid,
          groups: groups.data ?? [],
          provedAt: Math.min(provedAt * 1e3, now()),
        })
      } catch (error) {
        return failure(`The provider did not prove who signed in (${codeOf(error)})`)
      }
    },

    async end() {
      const made = await config()
      if (made.serverMetadata().end_session_endpoint === undefined) return undefined
      return client.buildEndSessionUrl(made, { post_logout_redirect_uri: home.href })
    },

    async told(token) {
      try {
        const address = (await config()).serverMetadata().jwks_uri ?? ''
        if (keys?.address !== address)
          keys = {
            address,
            set: createRemoteJWKSet(new URL(address), {
              cacheMaxAge: 300_000,
              cooldownDuration: 60_000,
              [customFetch]: fetchByProxy,
            }),
          }
        const { payload } = await jwtVerify(token, keys.set, {
          issuer,
          audience: clientId,
          algorithms: [algorithm],
          clockTolerance: tolerance,
          currentDate: new Date(now()),
          maxTokenAge: mostAge,
        })
        const read = toldSchema.safeParse(payload)
        if (!read.success || !Object.hasOwn(read.data.events, eventName))
          return failure('The logout token has another form')
        const { iss, sub, sid, jti } = read.data
        if (sub === undefined && sid === undefined) return failure('The logout token names nobody')
        return success({ issuer: iss, subject: sub, sid, jti })
      } catch (error) {
        return failure(`The logout token is not one of the provider (${codeOf(error)})`)
      }
    },
  }
}

function codeOf(error: unknown): string {
  const { code, name } = error as { code?: unknown; name?: unknown }
  return typeof code === 'string' ? code : typeof name === 'string' ? name : 'unknown'
}
