import * as z from 'zod'

const sha256 = z.string().regex(/^[0-9a-f]{64}$/)

const checkedBy = z
  .strictObject({
    runbook: z.string().min(1),
    run: z.string().min(1),
    unsignedAllowed: z.boolean().describe('True when an unsigned run was let count.'),
    ended: z
      .boolean()
      .describe(
        'False when a step of that run made the release: the run then went on, and is signed at its end.',
      ),
  })
  .describe('The run that `runbook require` accepted for this commit.')

/** The run that checked a commit. */
export type CheckedBy = z.output<typeof checkedBy>

/** The content of the `release-metadata.json` of a release. schemas/release-metadata.schema.json is made from this. */
export const releaseMetadata = z
  .strictObject({
    version: z.string().describe('The version, without the leading v.'),
    commit: z
      .string()
      .regex(/^[0-9a-f]{40,64}$/)
      .describe('The commit everything was taken from.'),
    runId: z.string().describe('The run that made it, or the start of one by hand.'),
    checkedBy: checkedBy.optional(),
    sumsSigned: z.boolean().describe('Whether SHA256SUMS.sig signs the digests of all files.'),
    artifacts: z
      .array(
        z.strictObject({
          name: z.string().min(1),
          platform: z.enum(['any', 'macos', 'windows', 'linux']),
          size: z.int().min(1).describe('Bytes.'),
          sha256,
          signed: z.boolean().describe('Whether a verifier of the platform accepted its signature.'),
          notarized: z.boolean(),
        }),
      )
      .min(1),
    createdAt: z.iso.datetime().describe('UTC.'),
    dryRun: z.boolean().describe('True only when printed by a dry run; never in a file.'),
  })
  .describe('A release and the digests of its files.')

export type ReleaseDocument = z.output<typeof releaseMetadata>

/**
 * The schema as other programs read it.
 * @internal
 */
export function metadataSchema(): object {
  return z.toJSONSchema(releaseMetadata)
}
