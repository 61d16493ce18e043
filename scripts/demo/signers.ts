/** Who signs the release of the demo, in the order in which the checklist asks. */
export const signers = [
  { step: 'sign-qa', actor: 'qa', reason: 'Smoke tests and gates are green' },
  { step: 'sign-security', actor: 'security', reason: 'The digests are those of the build' },
  { step: 'go', actor: 'release-manager', reason: 'The canary held' },
] as const
