import type { Program, Subprogram } from '../runner/kit/command.ts'

/** The operations: every program of this folder that runbooks and people call, loaded when it is called. */
export const programs: readonly Subprogram[] = [
  {
    name: 'lab',
    summary: 'a small real system on loopback to try operations on.',
    load: () => import('./lab.ts'),
  },
  {
    name: 'demo',
    summary: 'a release from its first step to its page.',
    load: () => import('./demo.ts'),
  },
  {
    name: 'build',
    summary: 'build the product.',
    load: () => import('./build.ts'),
  },
  {
    name: 'deploy',
    summary: 'run a build as blue or green.',
    load: () => import('./deploy.ts'),
  },
  {
    name: 'traffic',
    summary: 'read and move the traffic between blue and green.',
    load: () => import('./traffic.ts'),
  },
  {
    name: 'rolling',
    summary: 'a rolling update of the servers behind HAProxy, one at a time.',
    load: () => import('./rolling.ts'),
  },
  {
    name: 'smoke',
    summary: 'smoke tests. Only reads.',
    load: () => import('./smoke.ts'),
  },
  {
    name: 'metrics-gate',
    summary: 'a gate on metrics, for scripts and CI. Only reads.',
    load: () => import('./metrics-gate.ts'),
  },
  {
    name: 'triggers',
    summary: 'rollback triggers: health, errors, restarts, memory, CPU. Only reads.',
    load: () => import('./triggers.ts'),
  },
  {
    name: 'slo',
    summary: 'performance objectives: limits with units, and no worse than the last passing runs.',
    load: () => import('./slo.ts'),
  },
  {
    name: 'frontend-check',
    summary: 'check a page. Only reads.',
    load: () => import('./frontend-check.ts'),
  },
  {
    name: 'presets',
    summary: 'the numbers of a rollout: limits, stages and times, by name. Only reads.',
    load: () => import('./presets.ts'),
  },
  {
    name: 'due',
    summary: 'the days of a release. Only reads.',
    load: () => import('./due.ts'),
  },
  {
    name: 'changelog',
    summary: 'check the changelog. Only reads.',
    load: () => import('./changelog.ts'),
  },
  {
    name: 'versions',
    summary: 'the versions of the parts of a product.',
    load: () => import('./versions.ts'),
  },
  {
    name: 'publish',
    summary: 'publish the packages of a product.',
    load: () => import('./publish.ts'),
  },
  {
    name: 'release-tag',
    summary: 'may this tag become a release? Only reads.',
    load: () => import('./release-tag.ts'),
  },
  {
    name: 'release',
    summary: 'make a release.',
    load: () => import('./release-pipeline.ts'),
  },
  {
    name: 'flags',
    summary: 'feature flags: read, change with proof, retire.',
    load: () => import('./flags.ts'),
  },
  {
    name: 'incident',
    summary: 'the clock and the roles of an incident.',
    load: () => import('./incident.ts'),
  },
  {
    name: 'incident-open',
    summary: 'is there an open incident that allows an exception? Only reads.',
    load: () => import('./incident-open.ts'),
  },
  {
    name: 'status',
    summary: 'tells users what is going on.',
    load: () => import('./status-page.ts'),
  },
  {
    name: 'notify',
    summary: 'tells people, once each.',
    load: () => import('./notify.ts'),
  },
  {
    name: 'toasts',
    summary: 'short messages on pages that are open.',
    load: () => import('./toasts.ts'),
  },
  {
    name: 'links',
    summary: 'the dashboards that pages lead to. Only reads.',
    load: () => import('./links.ts'),
  },
  {
    name: 'database',
    summary: 'a small database to practise on: who holds it, and how to get it back.',
    load: () => import('./database.ts'),
  },
]

/** All of them, with their declarations. */
export async function loadPrograms(): Promise<Program[]> {
  const modules = await Promise.all(programs.map(({ load }) => load()))
  return modules.map(({ program }) => program)
}
