import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'
import { checked } from './checked.ts'
import { unusableFile } from './unusable-file.ts'
import { componentSchema, incidentSchema } from './incident-file.ts'
import type { Component, Incident } from './incident-file.ts'
import { textOf } from '../regular-file.ts'

const componentsSchema = z.strictObject({ components: z.array(componentSchema).min(1) })

/** The components of the page, in their order. @throws {ProblemError} */
export function readComponents(folder: string): Component[] {
  const file = join(folder, 'components.yml')
  if (!existsSync(file)) return []
  return checked(componentsSchema, textOf(file), file).components
}

/** All incidents, newest first. @throws {ProblemError} */
export function readIncidents(folder: string): Incident[] {
  const incidents = join(folder, 'incidents')
  if (!existsSync(incidents)) return []
  return readdirSync(incidents)
    .filter((name) => name.endsWith('.md'))
    .map((name) => readIncident(join(incidents, name)))
    .toSorted((a, b) => (a.startedAt < b.startedAt ? 1 : -1))
}

/** @throws {ProblemError} */
export function readIncident(file: string): Incident {
  const text = textOf(file)
  const yaml = /^---\r?\n([\s\S]*?)\r?\n---(?:\r?\n|$)/.exec(text)?.[1]
  if (yaml === undefined) throw unusableFile(`${file}: Unexpected start, expected frontmatter between ---`)
  return checked(incidentSchema, yaml, file)
}
