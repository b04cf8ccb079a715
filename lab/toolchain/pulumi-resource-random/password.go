package main

import (
	"crypto/rand"
	"fmt"
	"math/big"
	"strings"

	"golang.org/x/crypto/bcrypt"
)

const defaultSpecials = "!@#$%&*()-_=+[]{}<>:?"

// class is a set of characters. Its minimum counts even where it is not allowed, as in the published plugin.
type class struct {
	characters string
	allowed    bool
	minimum    int
}

type rules struct {
	length                         int
	lower, upper, numeric, special class
}

// fault is a rule that the inputs break, and the input to change.
type fault struct{ Property, Reason string }

func (r rules) classes() []class { return []class{r.lower, r.upper, r.numeric, r.special} }

// faults are the reasons why no password can be made.
func (r rules) faults() (found []fault) {
	if r.length < 1 {
		found = append(found, fault{"length", fmt.Sprintf("must be at least 1 (got %d); raise it", r.length)})
	}
	for name, minimum := range map[string]int{
		"minLower": r.lower.minimum, "minUpper": r.upper.minimum,
		"minNumeric": r.numeric.minimum, "minSpecial": r.special.minimum,
	} {
		if minimum < 0 {
			found = append(found, fault{name, fmt.Sprintf("must be at least 0 (got %d); raise it", minimum)})
		}
	}
	sum, alphabet := 0, ""
	for _, c := range r.classes() {
		sum += c.minimum
		if c.allowed {
			alphabet += c.characters
		}
	}
	if r.length < sum {
		found = append(found, fault{"length", fmt.Sprintf(
			"must be at least the sum of minLower, minUpper, minNumeric and minSpecial, %d (got %d); raise it", sum, r.length)})
	}
	if alphabet == "" {
		found = append(found, fault{"special",
			"must be true when lower, upper and numeric are false (got false); allow a class of characters"})
	}
	return found
}

// password draws each class's minimum, the rest from all allowed characters, and shuffles.
func (r rules) password() (string, error) {
	if found := r.faults(); len(found) > 0 {
		return "", fmt.Errorf("%s: %s", found[0].Property, found[0].Reason)
	}
	var alphabet strings.Builder
	var result []rune
	for _, c := range r.classes() {
		if c.allowed {
			alphabet.WriteString(c.characters)
		}
		drawn, err := draw(c.minimum, c.characters)
		if err != nil {
			return "", err
		}
		result = append(result, drawn...)
	}
	rest, err := draw(r.length-len(result), alphabet.String())
	if err != nil {
		return "", err
	}
	result = append(result, rest...)
	for i := len(result) - 1; i > 0; i-- {
		j, err := below(i + 1)
		if err != nil {
			return "", err
		}
		result[i], result[j] = result[j], result[i]
	}
	return string(result), nil
}

// draw picks count characters, each with the same probability.
func draw(count int, from string) ([]rune, error) {
	characters := []rune(from)
	result := make([]rune, count)
	for i := range result {
		j, err := below(len(characters))
		if err != nil {
			return nil, err
		}
		result[i] = characters[j]
	}
	return result, nil
}

// below is a uniform random number from 0 to limit-1.
func below(limit int) (int, error) {
	n, err := rand.Int(rand.Reader, big.NewInt(int64(limit)))
	if err != nil {
		return 0, err
	}
	return int(n.Int64()), nil
}

// hash is the bcrypt hash of the first 72 bytes, which is all that bcrypt reads.
func hash(password string) (string, error) {
	bytes := []byte(password)
	sum, err := bcrypt.GenerateFromPassword(bytes[:min(len(bytes), 72)], bcrypt.DefaultCost)
	return string(sum), err
}
