// Asked for while very many forms come in: works out a number for this form while somebody writes, so that it is read
// before those of machines. Without it the form is taken all the same. SHA-256 by FIPS 180-4, since browsers offer theirs
// only over https. Written for browsers of ten years ago.
(function () {
  'use strict';
  var field = document.querySelector('[name=work]'), token = document.querySelector('[name=token]');
  if (!field || !token) { return; }
  var bits = +field.getAttribute('data-bits'), text = token.value + ':', number = 0;
  var K = [], H = [], found = 2;

  function part(root) { return (root - Math.floor(root)) * 4294967296 | 0; }
  while (K.length < 64) {
    for (var by = 2; by * by <= found && found % by; by += 1) { /* looks for a divisor */ }
    if (by * by > found) {
      if (H.length < 8) { H.push(part(Math.pow(found, 1 / 2))); }
      K.push(part(Math.pow(found, 1 / 3)));
    }
    found += 1;
  }

  function digest(message) {
    var length = message.length, blocks = (length + 8 >> 6) + 1, words = [], state = H.slice(), i, j;
    for (i = 0; i < blocks * 16; i += 1) { words[i] = 0; }
    for (i = 0; i < length; i += 1) { words[i >> 2] |= message.charCodeAt(i) << 24 - i % 4 * 8; }
    words[length >> 2] |= 128 << 24 - length % 4 * 8;
    words[blocks * 16 - 1] = length * 8;
    for (i = 0; i < blocks; i += 1) {
      var w = words.slice(i * 16, i * 16 + 16), s = state.slice();
      for (j = 0; j < 64; j += 1) {
        if (j > 15) {
          var x = w[j - 15], y = w[j - 2];
          w[j] = w[j - 16] + ((x >>> 7 | x << 25) ^ (x >>> 18 | x << 14) ^ x >>> 3) + w[j - 7] +
            ((y >>> 17 | y << 15) ^ (y >>> 19 | y << 13) ^ y >>> 10) | 0;
        }
        var a = s[0], e = s[4];
        var t = s[7] + ((e >>> 6 | e << 26) ^ (e >>> 11 | e << 21) ^ (e >>> 25 | e << 7)) +
          (e & s[5] ^ ~e & s[6]) + K[j] + w[j] | 0;
        var u = ((a >>> 2 | a << 30) ^ (a >>> 13 | a << 19) ^ (a >>> 22 | a << 10)) +
          (a & s[1] ^ a & s[2] ^ s[1] & s[2]) | 0;
        s = [t + u | 0, a, s[1], s[2], s[3] + t | 0, e, s[5], s[6]];
      }
      for (j = 0; j < 8; j += 1) { state[j] = state[j] + s[j] | 0; }
    }
    return state[0] >>> 0;
  }

  function work() {
    // A little at a time: whoever writes must not notice.
    for (var end = new Date().getTime() + 25; new Date().getTime() < end; number += 1) {
      if (digest(text + number) >>> 32 - bits === 0) { field.value = number; return; }
    }
    setTimeout(work, 10);
  }
  work();
}());
