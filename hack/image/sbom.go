package main

import (
	"bytes"
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"
	"time"

	spdxjson "github.com/spdx/tools-golang/json"
	"github.com/spdx/tools-golang/spdx/v2/common"
	"github.com/spdx/tools-golang/spdx/v2/v2_3"
)

// noAssertion is what SPDX has for a field that nothing is said in.
const noAssertion = "NOASSERTION"

// inventory describes what is in the image as an SPDX document: the program, each module that its
// own build information names, Go's library, and the authorities. Nothing in it is random, and its
// time is that of the commit.
func inventory(binary []byte, modules map[string]*module, roots *module, p platform, o origin) ([]byte, error) {
	info, err := buildinfo.Read(bytes.NewReader(binary))
	if err != nil {
		return nil, fmt.Errorf("build information of the program: %w", err)
	}
	sum := sha256.Sum256(binary)
	digest := hex.EncodeToString(sum[:])
	doc := &v2_3.Document{
		SPDXVersion:       v2_3.Version,
		DataLicense:       v2_3.DataLicense,
		SPDXIdentifier:    "DOCUMENT",
		DocumentName:      fmt.Sprintf("%s-%s-%s", program, o.version, p.suffix()),
		DocumentNamespace: fmt.Sprintf("https://%s/spdx/%s/%s/%s", info.Main.Path, program, p.suffix(), digest),
		CreationInfo: &v2_3.CreationInfo{
			Created:  o.created.Format(time.RFC3339),
			Creators: []common.Creator{{CreatorType: "Tool", Creator: info.Main.Path + "/hack/image"}},
		},
	}

	service, err := describe(modules[info.Main.Path], info.Main.Path, o.version, "")
	if err != nil {
		return nil, err
	}
	service.PrimaryPackagePurpose = "APPLICATION"
	service.PackageFileName = "/" + program
	service.PackageChecksums = []common.Checksum{{Algorithm: common.SHA256, Value: digest}}
	doc.Packages = append(doc.Packages, service)
	doc.Relationships = append(doc.Relationships, relate("DOCUMENT", common.TypeRelationshipDescribe, service.PackageSPDXIdentifier))

	library, err := describe(modules[standard], standard, strings.TrimPrefix(info.GoVersion, "go"), "")
	if err != nil {
		return nil, err
	}
	linked := []*v2_3.Package{library}
	for _, dep := range info.Deps {
		path := dep.Path
		if dep.Replace != nil {
			dep = dep.Replace
		}
		p, err := describe(modules[path], dep.Path, dep.Version, dep.Sum)
		if err != nil {
			return nil, err
		}
		linked = append(linked, p)
	}
	for _, p := range linked {
		doc.Packages = append(doc.Packages, p)
		doc.Relationships = append(doc.Relationships, relate(service.PackageSPDXIdentifier, common.TypeRelationshipDependsOn, p.PackageSPDXIdentifier))
	}

	data, err := describe(roots, roots.path, roots.version, "")
	if err != nil {
		return nil, err
	}
	data.PrimaryPackagePurpose = "FILE"
	data.PackageFileName = authoritiesFile
	doc.Packages = append(doc.Packages, data)
	doc.Relationships = append(doc.Relationships, relate(data.PackageSPDXIdentifier, common.TypeRelationshipRuntimeDependencyOf, service.PackageSPDXIdentifier))

	var out bytes.Buffer
	err = spdxjson.Write(doc, &out, spdxjson.Indent(" "), spdxjson.EscapeHTML(false))
	return out.Bytes(), err
}

// describe returns the package of a module: m is what "go list" knows of it, the rest what the
// program's build information says.
func describe(m *module, path, version, sum string) (*v2_3.Package, error) {
	if m == nil {
		return nil, fmt.Errorf("the program's build information names module %s, and go list does not: was it built of another source?", path)
	}
	licence, err := m.licence()
	if err != nil {
		return nil, err
	}
	p := &v2_3.Package{
		PackageName:             path,
		PackageSPDXIdentifier:   common.ElementID("Package-" + idRune.ReplaceAllString(path+"-"+version, "-")),
		PackageVersion:          version,
		PackageDownloadLocation: noAssertion,
		PackageLicenseConcluded: licence,
		PackageLicenseDeclared:  licence,
		PackageCopyrightText:    noAssertion, // in the licences beside
		PrimaryPackagePurpose:   "LIBRARY",
		PackageExternalReferences: []*v2_3.PackageExternalReference{{
			Category: common.CategoryPackageManager, RefType: common.TypePackageManagerPURL,
			Locator: "pkg:golang/" + path + "@" + strings.ReplaceAll(version, "+", "%2B"),
		}},
	}
	if sum != "" {
		p.PackageSourceInfo = "checksum of the module in go.sum: " + sum
	}
	return p, nil
}

// idRune is what the identifier of an SPDX element can't hold.
var idRune = regexp.MustCompile(`[^A-Za-z0-9.-]`)

func relate(from common.ElementID, how string, to common.ElementID) *v2_3.Relationship {
	return &v2_3.Relationship{
		RefA:         common.DocElementID{ElementRefID: from},
		Relationship: how,
		RefB:         common.DocElementID{ElementRefID: to},
	}
}
