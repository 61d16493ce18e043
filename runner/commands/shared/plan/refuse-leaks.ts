import { redactText } from '../../../engine/process/redact/redact.ts'
import { CliError } from '../../../kit/error.ts'
import { exit } from '../../../kit/exit.ts'
import type { Plan } from '../../../model/plan.ts'

/** Whether a text contains one of the secrets, in any form that the redactor hides. */
export function containsSecret(text: string, secrets: readonly string[]): boolean {
  return redactText(text, secrets) !== text.toWellFormed()
}

/** The document and the other inputs are stored unredacted, so they must not contain a secret. */
export function refuseLeaks(plan: Plan, document: Buffer, secrets: Record<string, string>): void {
  for (const [name, value] of Object.entries(secrets)) {
    const holds = (text: string): boolean => containsSecret(text, [value])
    const input = Object.keys(plan.inputs).find((other) => holds(plan.inputs[other] ?? ''))
    const where = holds(document.toString('utf8'))
      ? `the document ${plan.file}`
      : input === undefined
        ? undefined
        : `the input \`${input}\``
    if (where === undefined) continue
    throw new CliError(
      exit.usage,
      `The value of the secret \`${name}\` is also in ${where}, which is stored unredacted; nothing ran`,
      input === undefined
        ? 'Take it out, and change the secret; if that is chance, choose a longer one.'
        : `Declare \`${input}\` as a secret too, or leave the secret out of it.`,
    )
  }
}
