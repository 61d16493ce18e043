import type { CDPSession, Page } from 'playwright-core'

/** A passkey device made of software in the browser; it answers as a real one would. */
export interface Authenticator {
  /** Whether somebody touches it. */
  touch(enabled: boolean): Promise<unknown>
  /** Whether it knows who touches it: a PIN or a biometric. */
  verify(enabled: boolean): Promise<unknown>
}

/** Puts one into a page. */
export async function authenticator(page: Page): Promise<Authenticator> {
  const session: CDPSession = await page.context().newCDPSession(page)
  await session.send('WebAuthn.enable', { enableUI: false })
  const options = {
    protocol: 'ctap2',
    transport: 'internal',
    hasResidentKey: true,
    hasUserVerification: true,
    isUserVerified: true,
    automaticPresenceSimulation: true,
  } as const
  const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', { options })
  return {
    touch: (enabled) => session.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled }),
    verify: (isUserVerified) => session.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified }),
  }
}
