import * as z from 'zod'

/** HTTPS, or a server on this machine. */
const safeUrl = z
  .url()
  .refine(
    (text) => /^(https:\/\/|http:\/\/(localhost|127\.0\.0\.1)(:\d+)?(\/|$))/.test(text),
    'Unexpected address, expected one with https, or http at localhost',
  )

/** The settings of a hub. */
export const hubSchema = z.strictObject({
  origin: safeUrl
    .refine(
      (text) => new URL(text).origin === text,
      'Unexpected address, expected no path and no final slash',
    )
    .describe('The address at which people reach it, such as `https://runbooks.example.com`.'),
  issuer: safeUrl
    .refine(
      (text) => !/\/(common|organizations|consumers)(\/|$)/.test(text),
      'Unexpected issuer of many tenants, expected the one of your own tenant',
    )
    .describe('The OpenID provider, by its issuer, exactly as its tokens say it.'),
  clientId: z.string().min(1).describe('The client that the provider knows it as.'),
  clientSecret: z
    .string()
    .regex(
      /^env:\w+$/,
      'Unexpected secret, expected the name of a variable such as `env:RUNBOOK_OIDC_SECRET`',
    )
    .default('env:RUNBOOK_OIDC_SECRET')
    .describe('The variable that has the secret of the client. Default: env:RUNBOOK_OIDC_SECRET.'),
  scope: z
    .string()
    .regex(/(^| )openid( |$)/, 'Unexpected scope, expected `openid` among others')
    .default('openid')
    .describe('The scopes to ask for. Default: openid.'),
  groupsClaim: z
    .string()
    .min(1)
    .default('groups')
    .describe('The claim of the ID token with the ids of groups. Default: groups.'),
  algorithm: z
    .enum(['RS256', 'PS256', 'ES256', 'EdDSA'])
    .default('RS256')
    .describe('The one algorithm that ID tokens are signed with. Default: RS256.'),
})

export type HubSettings = z.infer<typeof hubSchema>
