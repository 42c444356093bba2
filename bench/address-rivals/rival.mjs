// rival.mjs FOLDER NAME: npm `validator` or `isemail` on the lists and cases of FOLDER; one line of JSON.
import fs from 'node:fs';
import { createRequire } from 'node:module';

const [folder, name] = process.argv.slice(2);
const require = createRequire(`${process.cwd()}/`);
const library = require(name);
const { version } = require(`${name}/package.json`);
const isValid = name === 'validator' ? (text) => library.isEmail(text) : (text) => library.validate(text);
const ROWS = 100000, PASSES = 9;

function median(numbers) {
    return [...numbers].sort((a, b) => a - b)[numbers.length >> 1];
}

function measure(list) {
    const rows = fs.readFileSync(`${folder}/${list}.txt`, 'utf8').split('\n').slice(0, ROWS);
    const times = [];
    let valid = 0;
    for (let pass = 0; pass < PASSES; pass++) {
        const begin = process.cpuUsage();
        for (const row of rows) valid += isValid(row) ? 1 : 0;
        const spent = process.cpuUsage(begin);
        times.push((spent.user + spent.system) * 1000 / rows.length);
    }
    return valid >= 0 ? median(times) : 0;
}

const cases = JSON.parse(fs.readFileSync(`${folder}/cases.json`, 'utf8'));
const answers = cases.map(({ text }) => Boolean(isValid(text)));
console.log(JSON.stringify({ name: `npm ${name} ${version}`, plain: measure('plain'), idn: measure('idn'), answers }));
