// The same as jobs.py, for clients that live in Node.

const jobs = [];

exports.job = (name, work) => jobs.push([name, work]);

exports.wait = async (place, seconds) => {
  const body = JSON.stringify({ seconds });
  const answer = await fetch(`${place.door}/clock/advance`, { method: "POST", body });
  return new Date((await answer.json()).now);
};

exports.run = async (signIn) => {
  const client = await signIn(JSON.parse(process.argv[2]));
  for (const [name, work] of jobs) {
    let problem = "";
    try {
      await work(client);
    } catch (error) {
      problem = error.stack || String(error);
    }
    process.stdout.write(JSON.stringify({ job: name, problem }) + "\n");
  }
  process.exit(0);  // a client may keep sockets or timers
};
