export async function drillDisk() { return { name: 'disk', rounds: 0 } }
