#pragma once
namespace fc::codec {}
