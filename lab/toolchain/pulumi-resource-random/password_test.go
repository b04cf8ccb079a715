package main

import (
	"strings"
	"testing"

	"golang.org/x/crypto/bcrypt"
)

func ptr[T any](value T) *T { return &value }

func mustMake(t *testing.T, in Inputs) string {
	t.Helper()
	result, err := rulesOf(in).password()
	if err != nil {
		t.Fatal(err)
	}
	return result
}

func count(text, of string) (n int) {
	for _, r := range text {
		if strings.ContainsRune(of, r) {
			n++
		}
	}
	return n
}

func TestPasswordHasTheLengthAndTheMinimumOfEachClass(t *testing.T) {
	in := Inputs{Length: 12, MinLower: ptr(3), MinUpper: ptr(3), MinNumeric: ptr(3), MinSpecial: ptr(3)}
	for range 50 {
		result, r := mustMake(t, in), rulesOf(in)
		if len(result) != 12 {
			t.Fatalf("got %d characters", len(result))
		}
		for _, c := range r.classes() {
			if got := count(result, c.characters); got != 3 {
				t.Fatalf("%d of %q, want 3", got, c.characters)
			}
		}
	}
}

// Long enough that a character which may occur does: it is missed once in 10^33 runs.
func TestPasswordKeepsToAllowedClasses(t *testing.T) {
	off := ptr(false)
	for name, test := range map[string]struct {
		in       Inputs
		alphabet string
	}{
		"no special":            {Inputs{Length: 5000, Special: off}, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"},
		"digits":                {Inputs{Length: 5000, Special: off, Lower: off, Upper: off}, "0123456789"},
		"number is an old name": {Inputs{Length: 5000, Special: off, Upper: off, Number: off}, "abcdefghijklmnopqrstuvwxyz"},
		"default specials":      {Inputs{Length: 5000, Lower: off, Upper: off, Numeric: off}, "!@#$%&*()-_=+[]{}<>:?"},
		"own specials":          {Inputs{Length: 5000, Lower: off, Upper: off, Numeric: off, OverrideSpecial: ptr("_-")}, "_-"},
	} {
		t.Run(name, func(t *testing.T) {
			result := mustMake(t, test.in)
			if count(result, test.alphabet) != test.in.Length {
				t.Errorf("%q has a character that is not in %q", result, test.alphabet)
			}
			for _, r := range test.alphabet {
				if !strings.ContainsRune(result, r) {
					t.Errorf("%q never occurs in %d characters", r, test.in.Length)
				}
			}
		})
	}
}

// With 4 characters and a minimum of one digit, an unshuffled digit would always stand in the same place.
func TestPasswordIsShuffled(t *testing.T) {
	in := Inputs{Length: 4, MinNumeric: ptr(1), Numeric: ptr(false), Special: ptr(false)}
	seen := map[int]bool{}
	for range 200 {
		seen[strings.IndexAny(mustMake(t, in), "0123456789")] = true
	}
	if len(seen) != 4 {
		t.Errorf("the digit was only seen at %v", seen)
	}
}

func TestFaults(t *testing.T) {
	off := ptr(false)
	for want, in := range map[string]Inputs{
		"length: must be at least 1 (got 0); raise it":                                                           {},
		"minUpper: must be at least 0 (got -1); raise it":                                                        {Length: 5, MinUpper: ptr(-1)},
		"length: must be at least the sum of minLower, minUpper, minNumeric and minSpecial, 4 (got 3); raise it": {Length: 3, MinLower: ptr(2), MinNumeric: ptr(2)},
		"special: must be true when lower, upper and numeric are false (got false); allow a class of characters": {Length: 5, Lower: off, Upper: off, Numeric: off, Special: off},
	} {
		found := rulesOf(in).faults()
		if len(found) != 1 || found[0].Property+": "+found[0].Reason != want {
			t.Errorf("got %v, want %q", found, want)
		}
	}
	if found := rulesOf(Inputs{Length: 4, MinLower: ptr(4)}).faults(); len(found) != 0 {
		t.Errorf("a sum equal to the length was refused: %v", found)
	}
}

func TestHashFitsThePasswordEvenAboveBcryptsLimit(t *testing.T) {
	for _, length := range []int{8, 100} {
		result := mustMake(t, Inputs{Length: length})
		sum, err := hash(result)
		if err != nil {
			t.Fatal(err)
		}
		if err := bcrypt.CompareHashAndPassword([]byte(sum), []byte(result[:min(length, 72)])); err != nil {
			t.Errorf("length %d: %v", length, err)
		}
	}
}
