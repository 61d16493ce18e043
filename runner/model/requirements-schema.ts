import * as z from 'zod'
import { formProblem, requirementForm } from './requirement.ts'

/** The id of a requirement, of a document or a step. */
export const requirementId = z.string().superRefine((id, context) => {
  if (!requirementForm.test(id)) context.addIssue({ code: 'custom', message: formProblem(id) })
})

/** The fields of requirements.yaml: each requirement by its id. */
export const requirementsSchema = z.strictObject({
  requirements: z.record(
    requirementId,
    z.strictObject({
      says: z.string().min(1),
      /** Where it is written. */
      link: z.url({ protocol: /^https?$/ }).optional(),
    }),
  ),
})

/** Requirements by id, in the order of their file. */
export type Requirements = z.output<typeof requirementsSchema>['requirements']
