import type { Program } from '../runner/kit/command.ts'

/** Every program of this folder, by the name it is called by, loaded when it is wanted. */
export const programs = {
  build: () => import('./build.ts'),
  changelog: () => import('./changelog.ts'),
  database: () => import('./database.ts'),
  deploy: () => import('./deploy.ts'),
  due: () => import('./due.ts'),
  flags: () => import('./flags.ts'),
  'frontend-check': () => import('./frontend-check.ts'),
  'incident-open': () => import('./incident-open.ts'),
  incident: () => import('./incident.ts'),
  lab: () => import('./lab.ts'),
  links: () => import('./links.ts'),
  'metrics-gate': () => import('./metrics-gate.ts'),
  notify: () => import('./notify.ts'),
  presets: () => import('./presets.ts'),
  publish: () => import('./publish.ts'),
  'release-pipeline': () => import('./release-pipeline.ts'),
  'release-tag': () => import('./release-tag.ts'),
  rolling: () => import('./rolling.ts'),
  slo: () => import('./slo.ts'),
  smoke: () => import('./smoke.ts'),
  'status-page': () => import('./status-page.ts'),
  toasts: () => import('./toasts.ts'),
  traffic: () => import('./traffic.ts'),
  triggers: () => import('./triggers.ts'),
  versions: () => import('./versions.ts'),
} satisfies Record<string, () => Promise<{ program: Program }>>

/** All of them, with their declarations. */
export async function loadPrograms(): Promise<Program[]> {
  const modules = await Promise.all(Object.values(programs).map((load) => load()))
  return modules.map(({ program }) => program)
}
