export async function drillNetwork() { return { name: 'network', rounds: 0 } }
