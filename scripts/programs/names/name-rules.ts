import { valid } from 'semver'
import { isTag } from '../../domain/tag.ts'
import { isFlagKey } from '../flags/lint-flags.ts'
import { isIncidentId } from '../status/incident-store.ts'

/** One rule of names: the form, an example, and whether a name has it. */
export interface NameRule {
  form: string
  example: string
  holds(name: string): boolean
}

/** The rules of names, by the thing that is named. */
export const nameRules = {
  tag: {
    form: 'v, a version, and perhaps a component',
    example: 'v1.4.0-frontend',
    holds: isTag,
  },
  branch: {
    form: 'hotfix/ or release/ with v and a version; every other branch is free',
    example: 'hotfix/v1.3.1',
    holds: (name) => {
      const [, version] = /^(?:hotfix|release)\/(.*)$/.exec(name) ?? []
      return (
        version === undefined || (version.startsWith('v') && valid(version.slice(1)) === version.slice(1))
      )
    },
  },
  flag: { form: 'a prefix and a name in lower case', example: 'ui_new_total', holds: isFlagKey },
  incident: { form: 'INC, the day and a number', example: 'INC-2026-11-21-001', holds: isIncidentId },
} as const satisfies Record<string, NameRule>

export type NameKind = keyof typeof nameRules
