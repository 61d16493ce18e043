import type { Program, Subprogram } from '../runner/kit/command.ts'

/** The operations: every program of this folder that runbooks and people call, loaded when it is called. */
export const programs: readonly Subprogram[] = [
  {
    name: 'lab',
    summary: 'Run a small real system on loopback to try operations on.',
    load: () => import('./lab.ts'),
  },
  {
    name: 'demo',
    summary: 'Show a release from its first step to its page.',
    load: () => import('./demo.ts'),
  },
  {
    name: 'build',
    summary: 'Build the product.',
    load: () => import('./build.ts'),
  },
  {
    name: 'deploy',
    summary: 'Run a build as blue or green.',
    load: () => import('./deploy.ts'),
  },
  {
    name: 'traffic',
    summary: 'Read and move the traffic between blue and green.',
    load: () => import('./traffic.ts'),
  },
  {
    name: 'rolling',
    summary: 'Update the servers behind HAProxy, one at a time.',
    load: () => import('./rolling.ts'),
  },
  {
    name: 'smoke',
    summary: 'Check a running service with smoke tests. Only reads.',
    load: () => import('./smoke.ts'),
  },
  {
    name: 'metrics-gate',
    summary: 'Judge metrics in scripts and CI. Only reads.',
    load: () => import('./metrics-gate.ts'),
  },
  {
    name: 'triggers',
    summary: 'Watch the rollback triggers: health, errors, restarts, memory, CPU. Only reads.',
    load: () => import('./triggers.ts'),
  },
  {
    name: 'slo',
    summary: 'Check performance objectives: limits with units, and no worse than the last passing runs.',
    load: () => import('./slo.ts'),
  },
  {
    name: 'frontend-check',
    summary: 'Check a page. Only reads.',
    load: () => import('./frontend-check.ts'),
  },
  {
    name: 'presets',
    summary: 'Print the numbers of a rollout: limits, stages and times, by name. Only reads.',
    load: () => import('./presets.ts'),
  },
  {
    name: 'due',
    summary: 'Print the days of a release. Only reads.',
    load: () => import('./due.ts'),
  },
  {
    name: 'changelog',
    summary: 'Check the changelog. Only reads.',
    load: () => import('./changelog.ts'),
  },
  {
    name: 'versions',
    summary: 'Read and write the versions of the parts of a product.',
    load: () => import('./versions.ts'),
  },
  {
    name: 'publish',
    summary: 'Publish the packages of a product.',
    load: () => import('./publish.ts'),
  },
  {
    name: 'installer',
    summary: 'Make installers for Windows, macOS and Linux, sign them, and check them.',
    load: () => import('./installer.ts'),
  },
  {
    name: 'images',
    summary: 'Make images for containers, push them to a registry and read them back.',
    load: () => import('./images.ts'),
  },
  {
    name: 'feed',
    summary: 'Write, stage and check the feed that installed programs update themselves from.',
    load: () => import('./feed.ts'),
  },
  {
    name: 'upload',
    summary: 'Upload a release to S3.',
    load: () => import('./upload.ts'),
  },
  {
    name: 'release-tag',
    summary: 'Check that a tag may become a release. Only reads.',
    load: () => import('./release-tag.ts'),
  },
  {
    name: 'release',
    summary: 'Make a release.',
    load: () => import('./release-pipeline.ts'),
  },
  {
    name: 'flags',
    summary: 'Read feature flags, change them with proof, and retire them.',
    load: () => import('./flags.ts'),
  },
  {
    name: 'incident',
    summary: 'Watch the clock of an incident, assign its roles, and close it after its review.',
    load: () => import('./incident.ts'),
  },
  {
    name: 'incident-open',
    summary: 'Check that an open incident allows an exception. Only reads.',
    load: () => import('./incident-open.ts'),
  },
  {
    name: 'status',
    summary: 'Tell users the state of an incident or a maintenance.',
    load: () => import('./status-page.ts'),
  },
  {
    name: 'notify',
    summary: 'Tell people, once each.',
    load: () => import('./notify.ts'),
  },
  {
    name: 'toasts',
    summary: 'Show short messages on pages that are open.',
    load: () => import('./toasts.ts'),
  },
  {
    name: 'links',
    summary: 'Check the dashboards that pages lead to. Only reads.',
    load: () => import('./links.ts'),
  },
  {
    name: 'database',
    summary: 'Practise on a small database: who holds it, and how to get it back.',
    load: () => import('./database.ts'),
  },
  {
    name: 'certificates',
    summary: 'Check the certificates of servers and files: when they end, and whether they fit. Only reads.',
    load: () => import('./certificates.ts'),
  },
  {
    name: 'secrets',
    summary: 'Read where secrets are, how old they are, and whether they can be read. Never prints a value.',
    load: () => import('./secrets.ts'),
  },
  {
    name: 'postgres',
    summary: 'Back PostgreSQL up, prove the backups, and restore to a point in time beside the original.',
    load: () => import('./postgres.ts'),
  },
  {
    name: 'redis',
    summary:
      'Check that Redis keeps its data, restore a snapshot beside the original, and empty one database.',
    load: () => import('./redis.ts'),
  },
  {
    name: 'sessions',
    summary: 'Drain servers behind HAProxy: no new sessions, and how many are still open.',
    load: () => import('./sessions.ts'),
  },
  {
    name: 'cloudwatch',
    summary: 'Ask CloudWatch for alarms and figures. Only reads.',
    load: () => import('./cloudwatch.ts'),
  },
  {
    name: 'practice',
    summary: 'Make small systems for drills: a lost database, sessions, a certificate that ends, a secret.',
    load: () => import('./practice.ts'),
  },
  {
    name: 'names',
    summary: 'Check the names of tags, branches, flags and incidents against their rules. Only reads.',
    load: () => import('./names.ts'),
  },
  {
    name: 'scan',
    summary: 'Judge what scanners report: findings block until they are fixed, or accepted until a day.',
    load: () => import('./scan.ts'),
  },
]

/** All of them, with their declarations. */
export async function loadPrograms(): Promise<Program[]> {
  const modules = await Promise.all(programs.map(({ load }) => load()))
  return modules.map(({ program }) => program)
}
