/** Who of content/people.yaml signs the release of the demo, in the order in which the checklist asks. */
export const signers = [
  { step: 'sign-qa', actor: 'carol@example.com', reason: 'Smoke tests and gates are green' },
  { step: 'sign-security', actor: 'bob@example.com', reason: 'The digests are those of the build' },
  { step: 'go', actor: 'dana@example.com', reason: 'The canary held' },
] as const
